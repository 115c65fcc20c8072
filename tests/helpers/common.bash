# What every test file loads: where the project is, and the assertions.
PROJECT_ROOT=$(cd "${BATS_TEST_DIRNAME}/.." && pwd -P)
bats_load_library "${PROJECT_ROOT}/node_modules/bats-support/load.bash"
bats_load_library "${PROJECT_ROOT}/node_modules/bats-assert/load.bash"
