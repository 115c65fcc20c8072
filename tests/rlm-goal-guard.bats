#!/usr/bin/env bats
# What decides the validator: reported when the agent changes it, put back with --protect.
# shellcheck disable=SC2016 # scripts for other shells stand in single quotes

setup() {
  load helpers/goal
  set_up_goal
  mkdir tests lib
  echo '{
    "name": "shop",
    "scripts": { "test": "node tests/run.js" }
}' >package.json
  echo 'process.exit(require("fs").existsSync("ready") ? 0 : 1)' >tests/run.js
  git add -A
  git -c user.name=a -c user.email=a@b commit -qm project
}

teardown() { tear_down_goal; }

@test "an agent that rewrites the test script is reported in the output, the verdict and the manifest" {
  agent <<<'jq ".scripts.test = \"true\" | .dependencies.left = \"1\"" package.json >p && mv p package.json'
  goal
  assert_equal "${status}" 0
  assert_regex "${output}" $'\n   the agent changed what decides the validator: package\\.json \\(scripts and test settings modified\\)'
  assert_manifest '.decisive_changes' '["package.json (scripts and test settings modified)"]'
  assert_equal "$(jq -c '[.verdict, .decisive_changes, .put_back]' "$(run_folder)/rlm/iterations/0001/verdict.json")" \
    '["passed",["package.json (scripts and test settings modified)"],false]'
}

@test "with --protect it is put back, other changes of the same file are kept, and the agent is told" {
  agent <<<'jq ".scripts.test = \"true\" | .dependencies.left = \"1\"" package.json >p && mv p package.json; if ((calls == 2)); then touch ready; fi'
  goal --protect
  assert_equal "${status} $(calls)" "0 2"
  assert_regex "${output}" $'\n   put back what decides the validator: package\\.json'
  assert_equal "$(jq -c '[.scripts.test, .dependencies.left]' package.json)" '["node tests/run.js","1"]'
  assert grep -q 'such changes are put back' "${LOG}.prompt.1"
  assert grep -qx '1. failed: said nothing (put back: package.json (scripts and test settings modified))' "${LOG}.prompt.2"
  assert_manifest '[.iterations[] | .put_back]' '[false,true,true]'
  assert grep -q '^+.*"test": "true"' "$(run_folder)/rlm/iterations/0001/diff.patch"
}

@test "tests, their configuration and new files among them are put back; the rest of the work stays" {
  agent <<<'echo "process.exit(0)" >tests/run.js; echo x >tests/new.js; echo x >lib/sum_test.go; echo x >conftest.py; echo x >jest.config.js; echo good >lib/sum.js'
  goal --protect --max-iterations 1
  assert_equal "${status}" 3
  assert_equal "$(git status --porcelain --untracked-files=all)" '?? lib/sum.js'
  assert_manifest '.decisive_changes' \
    '["conftest.py (added)","jest.config.js (added)","lib/sum_test.go (added)","tests/new.js (added)","tests/run.js (modified)"]'
}

@test "a deleted test comes back" {
  agent <<<'rm -r tests'
  goal --protect --max-iterations 1
  assert_equal "${status} $(git status --porcelain)" "3 "
  assert_manifest '.decisive_changes' '["tests/run.js (deleted)"]'
}

@test "the files that the validator's command runs decide, also those that git does not see" {
  echo 'test -e ready' >verify
  echo 'verify' >>.git/info/exclude
  echo 'sys.exit(1)' >main.py
  agent <<<'echo true >verify; echo "print(1)" >main.py'
  goal --validator 'sh verify' --protect --max-iterations 1
  assert_equal "${status} $(<verify) $(<main.py)" "3 test -e ready print(1)"
  assert_manifest '[.decisive_changes, .fingerprint.named, (.fingerprint.unseen | keys)]' \
    '[["verify (modified)"],["verify"],["verify"]]'
  goal --validator 'sh verify'
  assert_equal "${status} $(<verify)" "0 true"
  assert_manifest '.decisive_changes' '["verify (modified)"]'
}

@test "a Makefile, and the part of pyproject.toml that configures tests, decide" {
  printf '[project]\nname = "x"\n[tool.pytest.ini_options]\naddopts = "-q"\n' >pyproject.toml
  printf 'test:\n\ttest -e ready\n' >Makefile
  agent <<<'if ((calls == 1)); then sed -i.bak "s/\"x\"/\"y\"/" pyproject.toml; rm ./*.bak; else sed -i.bak "s/-q/--collect-only/" pyproject.toml; rm ./*.bak; echo "test:" >Makefile; fi'
  goal --validator 'make test' --max-iterations 2
  assert_equal "${status}" 0
  assert_manifest '[.iterations[].decisive_changes]' \
    '[[],[],["Makefile (modified)","pyproject.toml (test settings modified)"]]'
}

@test "the fingerprint of a run is that of what decides, not of anything else" {
  goal --validator false --max-iterations 1
  local first
  first=$(jq -r .fingerprint.sha256 "$(run_folder)/manifest.json")
  echo other >lib/other.js
  goal --validator false --max-iterations 1
  assert_manifest .fingerprint.sha256 "\"${first}\""
  echo '// other' >>tests/run.js
  goal --validator false --max-iterations 1
  refute [ "$(jq -r .fingerprint.sha256 "$(run_folder)/manifest.json")" = "${first}" ]
}

@test "git settings that hide changes hide none, and what git cannot read for a filter ends the run" {
  agent <<<'git config core.bare true; git config core.worktree /nonexistent; echo "process.exit(0)" >tests/run.js'
  goal --protect --max-iterations 1
  assert_equal "${status}" 3
  assert_manifest '.decisive_changes' '["tests/run.js (modified)"]'
  assert grep -q existsSync tests/run.js
  git config core.bare false
  git config --unset core.worktree
  agent <<<'echo "* filter=none" >.gitattributes; git config filter.none.clean false; git config filter.none.required true; echo "process.exit(0)" >tests/run.js'
  goal --protect --max-iterations 1
  assert_equal "${status}" 10
  assert_regex "${stderr}" "error: git add failed in ${REPO}: .*clean filter 'none' failed"
}
