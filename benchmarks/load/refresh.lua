-- wrk script: refresh_token grant WITH rotation. Each answer's new refresh token is queued and used by a later
-- request, so every request spends a token that is valid exactly once.
--   TOKENS  file with start tokens, one per line: at least connections + 1 (one is spent when wrk checks the script)
--   AUTH    Authorization header;  EXTRA  more body, e.g. "&scope=api"
-- One thread only (-t1). An answer without a new token counts as a failure through the empty queue it leaves.
local queue, head, tail = {}, 1, 0
local headers, extra

function init(args)
  for line in io.lines(os.getenv("TOKENS")) do
    if line ~= "" then tail = tail + 1; queue[tail] = line end
  end
  headers = { ["Host"] = wrk.host .. ":" .. wrk.port, ["Content-Type"] = "application/x-www-form-urlencoded",
              ["Authorization"] = os.getenv("AUTH") }
  extra = os.getenv("EXTRA") or ""
end

local function escaped(text)
  return (text:gsub("[^%w%-%._~]", function(c) return string.format("%%%02X", c:byte()) end))
end

function request()
  local token = queue[head]
  if token then queue[head] = nil; head = head + 1 else token = "queue-empty" end
  return wrk.format("POST", nil, headers, "grant_type=refresh_token&refresh_token=" .. escaped(token) .. extra)
end

function response(status, answer_headers, body)
  if status == 200 then
    local token = body:match('"refresh_token"%s*:%s*"([^"]+)"')
    if token then tail = tail + 1; queue[tail] = token end
  end
end

function done(s, l, r)
  local e = s.errors
  io.write(string.format(
    'RESULT {"requests":%d,"us":%d,"bytes":%d,"p50":%d,"p99":%d,' ..
    '"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d}\n',
    s.requests, s.duration, s.bytes, l:percentile(50), l:percentile(99),
    e.connect, e.read, e.write, e.timeout, e.status))
end
