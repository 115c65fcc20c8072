# run-summary.json, changed by an entry, from both as [summary, entry]; `artifacts` names files, `hashes` has a line "sha256 mtime path" for
# each, as seen from the repository. Without an entry (null) these files of the last one are renewed.
($hashes | split("\n") | map(capture("^(?<sha256>[0-9a-f]+) (?<mtime>[0-9]+) (?<path>.*)$") | {key: .path, value: .}) | from_entries) as $known
| ($artifacts | map_values(ltrimstr($repo) | {
    path: .,
    exists: ($known[.] != null),
    sha256: ($known[.].sha256 // null),
    mtime: ($known[.].mtime | if . == null then null else tonumber end)
  })) as $files
| . as [$summary, $entry]
| ($summary.entries // []) as $entries
| {
    version: ($summary.version // 1),
    loop_id: $loop_id,
    updated_at: $now,
    entries: (
      if $entry != null then
        ($entries | map(select(.run_id != $entry.run_id or .iteration != $entry.iteration))) + [$entry + {artifacts: $files}]
      elif $entries == [] then []
      else $entries[:-1] + [$entries[-1] | .artifacts += $files] end)
  }
