// Parts that the corpus adapter and the benchmarks drive by themselves, as they are in the product.
export { openDocuments } from '../rlm/documents.ts'
export { describeSignature, functionTable, hostFunctions } from '../rlm/host-functions.ts'
export { cutMiddle } from '../rlm/observation.ts'
export { packDocuments, packParts } from '../rlm/pack.ts'
export { HostCallError } from '../rlm/ports.ts'
export { findPython } from '../sandboxes/find-python.ts'
export { javascript } from '../sandboxes/javascript.ts'
export { nativePython } from '../sandboxes/native-python.ts'
