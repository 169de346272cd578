;(async function (arrayOfPings) {
    let openCount = 0
    let timeoutCount = 0
    let errorCount = 0
    let latencyTotal = 0

    for (let ping of arrayOfPings) {
        if (ping.status === "open") {
            openCount++
            latencyTotal += ping.latency
        } else if (ping.status === "timeout") {
            timeoutCount++
        } else {
            errorCount++
        }
    }

    const avgLatency = openCount > 0 ? latencyTotal / openCount : 0

    // All connections successful
    if (openCount === arrayOfPings.length) {
        return { status: "UP", latency: avgLatency }
    }

    // Some timeouts but no hard errors - service is slow
    if (errorCount === 0 && timeoutCount > 0) {
        return { status: "DEGRADED", latency: avgLatency }
    }

    // Mix of states - partial outage
    if (openCount > 0) {
        return { status: "DEGRADED", latency: avgLatency }
    }

    // Complete failure
    return { status: "DOWN", latency: 0 }
})
