/** Of the artifacts: raised when a consumer has to change. */
export const schemaVersion = 1
