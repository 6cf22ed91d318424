export {
  requestFrom,
  responseFrom,
  sampleRequest,
  sampleRequestText,
  type SampleParts,
} from "./samples.ts";
export { readSuite, suitesFolder, type SuiteCase } from "./suite-reader.ts";
