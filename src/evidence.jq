# Whether every artifact is there, then evidence.json, from the texts that evidence.sh collected: `hashes` has a line "sha256 mtime path" for each file, as seen from the repository.
def relative: ltrimstr($repo);
def json_or_null: try fromjson catch null;
def lines: split("\n") | map(select(length > 0));

($hashes | lines | map(capture("^(?<sha256>[0-9a-f]+) (?<mtime>[0-9]+) (?<path>.*)$") | {key: .path, value: {sha256, mtime: (.mtime | tonumber)}}) | from_entries) as $known
| def entry: relative | {path: ., exists: ($known[.] != null), sha256: ($known[.].sha256 // null), mtime: ($known[.].mtime // null)};
  def under($folder): ($folder | relative) as $start | $known | keys_unsorted | map(select(startswith($start))) | sort | map(entry);
  ($paths | map(entry)) as [$status, $output, $checklist, $remaining, $rlms_index, $validation, $results, $prerequisites]
| {
    generated_at: $now,
    loop_id: $loop_id,
    run_id: $run_id,
    iteration: $iteration,
    spec_file: $spec,
    tests: {
      mode: $mode,
      commands: $ARGS.named.commands,
      status: ($test_status | json_or_null),
      status_file: $status.path, status_sha256: $status.sha256, status_mtime: $status.mtime,
      output_file: $output.path, output_sha256: $output.sha256, output_mtime: $output.mtime
    },
    checklists: {
      patterns: $ARGS.named.checklists,
      status: ($checklist_status | json_or_null),
      status_file: $checklist.path, status_sha256: $checklist.sha256, status_mtime: $checklist.mtime,
      remaining_file: $remaining.path, remaining_sha256: $remaining.sha256, remaining_mtime: $remaining.mtime
    },
    validation: (if $validation_status == "" then {status: null, status_file: null, results: null, results_file: null} else {
      status: ($validation_status | json_or_null),
      status_file: $validation.path, status_sha256: $validation.sha256, status_mtime: $validation.mtime,
      results: ($validation_results | json_or_null),
      results_file: $results.path, results_sha256: $results.sha256, results_mtime: $results.mtime
    } end),
    prerequisites: (if $prerequisites_status == "" then {status: null, status_file: null} else {
      status: ($prerequisites_status | json_or_null),
      status_file: $prerequisites.path, status_sha256: $prerequisites.sha256, status_mtime: $prerequisites.mtime
    } end),
    rlms: {
      index_file: $rlms_index.path,
      index: ($index | json_or_null),
      index_sha256: $rlms_index.sha256,
      index_mtime: $rlms_index.mtime,
      latest: under($latest_dir),
      files: under($iteration_dir)
    },
    artifacts: (($artifacts | lines | map(entry + {gate: "evidence"}))
      + ($missing | lines | map({path: ., exists: false, sha256: null, mtime: null, gate: "evidence"})))
  }
| (.artifacts | all(.exists)), .
