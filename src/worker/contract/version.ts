import packageJson from '../../../package.json' with { type: 'json' }

/** Of the package, as semver. */
export const { version } = packageJson
