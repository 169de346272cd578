;(async function (arrayOfPings) {
    const P95_THRESHOLD = 150 // milliseconds
    const P99_THRESHOLD = 300 // milliseconds

    // Extract latencies from successful connections only
    const latencies = arrayOfPings
        .filter((p) => p.status === "open")
        .map((p) => p.latency)
        .sort((a, b) => a - b)

    if (latencies.length === 0) {
        return { status: "DOWN", latency: 0 }
    }

    // Calculate percentiles
    const p95Index = Math.floor(latencies.length * 0.95)
    const p99Index = Math.floor(latencies.length * 0.99)
    const p95 = latencies[p95Index] || latencies[latencies.length - 1]
    const p99 = latencies[p99Index] || latencies[latencies.length - 1]
    const avg = latencies.reduce((a, b) => a + b, 0) / latencies.length

    // Not all hosts responded
    if (latencies.length < arrayOfPings.length) {
        return { status: "DEGRADED", latency: avg }
    }

    // Check percentile thresholds
    if (p99 > P99_THRESHOLD) {
        return { status: "DOWN", latency: avg }
    } else if (p95 > P95_THRESHOLD) {
        return { status: "DEGRADED", latency: avg }
    }

    return { status: "UP", latency: avg }
})
