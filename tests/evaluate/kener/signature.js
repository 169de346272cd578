;(async function (arrayOfPings) {
    // Your evaluation logic
    return {
        status: "UP" | "DOWN" | "DEGRADED",
        latency: number
    }
})
