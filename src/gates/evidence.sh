# The evidence: what a completion rests on, as files with their hashes.

# Writes evidence.json and sets GATE_EVIDENCE: ok, failed (an artifact is missing) or skipped.
gates::evidence::judge() {
  GATE_EVIDENCE=skipped
  [[ ${SL_EVIDENCE_ENABLED} == true ]] || return 0
  if evidence::write; then GATE_EVIDENCE=ok; else GATE_EVIDENCE=failed; fi
}
