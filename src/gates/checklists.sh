# The checklists: Markdown files whose boxes must all be checked; boxes in code fences do not count.

# Sets GATE_CHECKLISTS: ok or remaining, and GATE_CHECKLISTS_REMAINING: the open boxes, one a line.
gates::checklists::judge() {
  local glob files file remaining="" open=0 now record
  GATE_CHECKLISTS=ok
  for glob in ${SL_CHECKLISTS[@]+"${SL_CHECKLISTS[@]}"}; do
    files=$(cd "${SL_REPO}" && glob::expand "${glob}")
    if [[ -z ${files} ]]; then
      remaining+="${glob}: no such file"$'\n'
      open=$((open + 1))
      continue
    fi
    while IFS= read -r file; do
      remaining+=$(_gates_checklists_open "${file}" && printf x)
      remaining=${remaining%x}
    done <<<"${files}"
  done
  if [[ -n ${remaining} ]]; then
    GATE_CHECKLISTS=remaining
    open=$(grep -c '' <<<"${remaining%$'\n'}")
  fi
  clock::now_into now
  GATE_CHECKLISTS_REMAINING=${remaining%$'\n'}
  if [[ ${GATE_CHECKLISTS} == ok ]]; then
    file::empty "${SL_CHECKLIST_REMAINING_FILE}"
    json::object_into record ok: true remaining: 0 generated_at= "${now}"
  else
    file::write "${SL_CHECKLIST_REMAINING_FILE}" "${GATE_CHECKLISTS_REMAINING}"
    json::object_into record ok: false remaining: "${open}" generated_at= "${now}"
  fi
  file::write "${SL_CHECKLIST_STATUS_FILE}" "${record}"
}

# The open boxes of a file, as path:line:text. A fence ends at one of its own kind, as long and without a word behind it.
_gates_checklists_open() {
  local path
  paths::absolute_into path "$1"
  FILE=$1 awk '
    match($0, /^[ \t]*(```+|~~~+)/) {
      mark = substr($0, 1, RLENGTH); rest = substr($0, RLENGTH + 1); gsub(/[ \t]/, "", mark)
      if (fence == "" && (mark ~ /~/ || rest !~ /`/)) { fence = mark; next }
      if (index(mark, fence) == 1 && rest ~ /^[ \t\r]*$/) { fence = ""; next }
    }
    fence == "" && /\[ \]/ { print ENVIRON["FILE"] ":" NR ":" $0 }
  ' "${path}" 2>/dev/null || printf '%s: cannot be read\n' "$1"
}
