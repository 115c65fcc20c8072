# A loop's standing as one object, from the texts of its files. $holder is the live process that has its lock, empty for
# none; state.json tells of the loop that wrote it last.
def object: (try fromjson catch {}) | objects // {};
def json_lines: split("\n") | map((try fromjson catch empty) | objects);
# What an event begins, as long as it is the last one of its kind.
def begins: {
  iteration_start: "host", rlms_start: "analysis", rlms_end: "host", role_start: "runner", role_end: "host",
  tests_start: "gates", rate_limit_wait: "rate_limit", rate_limit_end: "runner", gates_evaluated: "host",
  approval_wait: "approval"
}[.event] // empty;
# A sum over the turns that told it; null when none of them did.
def told($key): if length == 0 then 0 else map(.usage[$key] | values) | add end;

($state | object) as $state
| ($summary | object | .entries // []) as $entries
| ($entries | last // {}) as $last
| (if $state.current_loop_id == $loop then $state else {} end) as $own
| ($holder != "") as $running
| ($events | json_lines) as $events
| ($events | map(select(.event == "role_start" or .event == "role_end")) | last | if .event == "role_start" then .role else null end) as $playing
| ($events | map(select((.event | strings) | test("^(loop_(start|stopped|complete)|(iteration|role)_(start|end))$"))) | last) as $mark
| ($own.run_id // $mark.run_id // $last.run_id) as $run
# A run that found the work approved did none of it.
| (if $mark.event == "loop_complete" and all($entries[]; .run_id != $run) then $last.run_id // $run else $run end) as $worked
| ($usage | json_lines | map(select(.run_id == $worked))) as $turns
| ($index | object | .entries // [] | map(select(.run_id == $worked))) as $analyses
| {
    loop_id: $loop,
    status: (
      if $running then "running"
      elif $mark == null and $last == {} then "not_started"
      elif $mark.event == "loop_complete" or ($mark == null and $last.completion_ok) then "complete"
      elif $mark == null or ($mark.event == "loop_stopped" and ($mark.data.reason | tostring | startswith("interrupted") | not)) then "stopped"
      else "interrupted" end),
    reason: (if $running then null else $mark.data.reason end),
    run_id: $run,
    iteration: (if $running then $own.iteration // ($events | last | .iteration) else $mark.iteration // $last.iteration end),
    role: (if $running then (if $own == {} then $playing else $own.role end) else null end),
    doing: (if $running then $events | map(begins) | last else null end),
    waiting: (if $running then $own.waiting else null end),
    pid: (if $running then $holder | tonumber else null end),
    updated_at: ([$own.updated_at, $mark.timestamp, $last.ended_at] | map(values) | max),
    iterations_ended: ($entries | map(select(.run_id == $worked)) | length),
    last_iteration: (if $last == {} then null else {
      iteration: $last.iteration, started_at: $last.started_at, ended_at: $last.ended_at,
      complete: $last.completion_ok, promise: $last.promise.matched, gates: $last.gates, evidence: $last.artifacts.evidence
    } end),
    analyses: ($analyses | map(select(.iteration == ($analyses | last | .iteration))) | map({role, iteration, status, reason, error})),
    usage: {
      turns: ($turns | length),
      unknown: ($turns | map(select(.usage == null)) | length),
      input_tokens: ($turns | told("input_tokens")),
      output_tokens: ($turns | told("output_tokens")),
      cost_usd: ($turns | map(.cost_usd | values) | add)
    }
  }
