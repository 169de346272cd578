;(async function (arrayOfPings) {
    // Assume first host is primary, rest are secondaries
    const primary = arrayOfPings[0]
    const secondaries = arrayOfPings.slice(1)

    if (primary.status === "open") {
        // Primary is healthy
        return { status: "UP", latency: primary.latency }
    }

    // Primary is down, check secondaries
    const workingSecondary = secondaries.find((s) => s.status === "open")

    if (workingSecondary) {
        // Failover is working but primary is down
        return { status: "DEGRADED", latency: workingSecondary.latency }
    }

    // Both primary and all secondaries are down
    return { status: "DOWN", latency: 0 }
})
