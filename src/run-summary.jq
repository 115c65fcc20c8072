# run-summary.json with one more entry, from both as [summary, entry]; `artifacts` names files, `hashes` has a line "sha256 mtime path" for each, as seen from the repository.
($hashes | split("\n") | map(capture("^(?<sha256>[0-9a-f]+) (?<mtime>[0-9]+) (?<path>.*)$") | {key: .path, value: .}) | from_entries) as $known
| . as [$summary, $entry]
| {
    version: ($summary.version // 1),
    loop_id: $loop_id,
    updated_at: $now,
    entries: (($summary.entries // []) + [$entry + {
      artifacts: ($artifacts | map_values(ltrimstr($repo) | {
        path: .,
        exists: ($known[.] != null),
        sha256: ($known[.].sha256 // null),
        mtime: ($known[.].mtime | if . == null then null else tonumber end)
      }))
    }])
  }
