-- A visitor of wrk: each request is of one of so many sessions, drawn at random.
local bytes, sessions

function init(arguments)
    bytes, sessions = arguments[1], tonumber(arguments[2])
    math.randomseed(tonumber(tostring({}):match("0x(%x+)"), 16) % 2147483647)
end

function request()
    local id = string.format("bench%s%027d", bytes, math.random(sessions))
    return wrk.format("GET", "/fpm.php?bytes=" .. bytes, { Cookie = "PHPSESSID=" .. id })
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format('JSON {"requests": %d, "us": %d, "p50": %d, "p99": %d, "failed": %d}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
