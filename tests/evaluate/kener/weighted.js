;(async function (arrayOfPings) {
    // Weights: higher = more important
    // Order must match hosts array order
    const weights = [10, 5, 3] // e.g., database, cache, logging

    let totalWeight = 0
    let healthyWeight = 0
    let latencyTotal = 0
    let openCount = 0

    for (let i = 0; i < arrayOfPings.length; i++) {
        const weight = weights[i] || 1
        totalWeight += weight

        if (arrayOfPings[i].status === "open") {
            healthyWeight += weight
            latencyTotal += arrayOfPings[i].latency
            openCount++
        }
    }

    const healthPercent = healthyWeight / totalWeight
    const avgLatency = openCount > 0 ? latencyTotal / openCount : 0

    if (healthPercent === 1) {
        return { status: "UP", latency: avgLatency }
    } else if (healthPercent >= 0.5) {
        return { status: "DEGRADED", latency: avgLatency }
    } else {
        return { status: "DOWN", latency: avgLatency }
    }
})
