# Where a run stands by its events, of which each is a line of text: values for src/resume.sh, one a line.
def last_of(test): map(select(test)) | last;

[inputs | (try fromjson catch null) | objects] as $events
| ($events | last_of(.event == "iteration_start")) as $start
| ($events | last_of(.event == "approval_consumed")) as $approved
| ($approved.iteration // $start.iteration // 0) as $iteration
| ($events | map(select(.iteration == $iteration))) as $own
| ($own | last_of(.event == "iteration_end")) as $ended
| ($own | last_of(.event == "role_start" or .event == "role_end")) as $turn
| (
    ($events | last_of(.event == "loop_start") | .data.spec_file // ""),
    $iteration,
    ($start.data.started_at // ""),
    ($ended != null or $approved != null),
    ($ended.data.completion == true or $approved != null),
    ($own | last_of(.event == "role_end" and .status == "ok") | .role // ""),
    (if $turn.event == "role_start" then $turn.role else "" end),
    ($own | last_of(.event | startswith("auto_commit_")) | .event // "")
  )
| tostring | gsub("\n"; " ")
