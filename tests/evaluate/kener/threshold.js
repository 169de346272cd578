;(async function (arrayOfPings) {
    const LATENCY_THRESHOLD = 100 // milliseconds

    let allOpen = true
    let latencyTotal = 0
    let hasHighLatency = false

    for (let ping of arrayOfPings) {
        if (ping.status !== "open") {
            allOpen = false
        } else {
            latencyTotal += ping.latency
            if (ping.latency > LATENCY_THRESHOLD) {
                hasHighLatency = true
            }
        }
    }

    const avgLatency = latencyTotal / arrayOfPings.length

    if (!allOpen) {
        return { status: "DOWN", latency: avgLatency }
    } else if (hasHighLatency) {
        return { status: "DEGRADED", latency: avgLatency }
    } else {
        return { status: "UP", latency: avgLatency }
    }
})
