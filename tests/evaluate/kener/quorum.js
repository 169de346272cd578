;(async function (arrayOfPings) {
    let openCount = 0
    let latencyTotal = 0

    for (let ping of arrayOfPings) {
        if (ping.status === "open") {
            openCount++
            latencyTotal += ping.latency
        }
    }

    const totalHosts = arrayOfPings.length
    const majority = Math.floor(totalHosts / 2) + 1
    const avgLatency = openCount > 0 ? latencyTotal / openCount : 0

    if (openCount === totalHosts) {
        return { status: "UP", latency: avgLatency }
    } else if (openCount >= majority) {
        return { status: "DEGRADED", latency: avgLatency }
    } else {
        return { status: "DOWN", latency: avgLatency }
    }
})
