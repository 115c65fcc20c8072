# Where the run $run stands by its events, of which each is a line of text: values for src/resume.sh, one a line. A line that
# is torn tells nothing; what follows a torn one on the same line counts.
def kind: (.event | strings) // "";
def last_of(test): map(select(test)) | last;
def whole: try fromjson catch null;
def read: whole // (if contains("{\"timestamp\"") then "{\"timestamp\"" + (split("{\"timestamp\"") | last) | whole else null end);

["planner", "implementer", "tester", "reviewer"] as $order
| [inputs] as $lines
| ($lines | map(read | objects)) as $all
| ($all | map(select(.run_id == $run))) as $events
| ($events | map(select(kind | test("^(loop|approval)_") | not))) as $steps
| ($events | last_of(.event == "approval_consumed")) as $approved
| ($approved.iteration // ($steps | map(.iteration) | max) // 0) as $iteration
| ($steps | map(select(.iteration == $iteration))) as $own
| ($own | last_of(.event == "iteration_start")) as $start
| ($own | last_of(.event == "iteration_end")) as $ended
| ($own | last_of(kind | test("^(rate_limit|role)_"))) as $turn
| (if $turn.event == "rate_limit_wait" then $turn else {} end) as $wait
| ($lines | map(contains($run)) | index(true) // 0) as $first
| ($own | map(.role as $role
    | if .event == "role_end" and .status == "ok" then ($order | index($role)) + 1
      elif .event == "role_start" then $order | index($role)
      elif .event == "promise_checked" then 4 # the gates come behind the roles
      else 0 end) | max // 0) as $passed
| (
    ($events | last_of(.event == "loop_start") | .data.spec_file // ""),
    $iteration,
    ($start.data.started_at // $own[0].timestamp // ""),
    ($ended != null or $approved != null),
    ($ended.data.completion == true or $approved != null),
    ($order[:$passed] | join(" ")),
    ($own | last_of(kind | startswith("auto_commit_")) | .event // ""),
    ($lines[([$first - 1, 0] | max):-1] | map(select(. != "" and whole == null)) | length),
    ($wait.role // ""),
    ($wait.data.runner // ""),
    ($wait.data.until // "" | try fromdateiso8601 catch 0),
    ($wait.data.waited_seconds // 0),
    ($wait.message // "")
  )
| tostring | gsub("\n"; " ")
