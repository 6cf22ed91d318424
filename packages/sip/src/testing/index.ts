export {
  requestFrom,
  responseFrom,
  sampleRequest,
  sampleRequestText,
  type SampleParts,
} from "./samples.ts";
export { agreesWith, describeAt } from "./describe-message.ts";
export type { ProtosTags } from "./protos.ts";
export { readProtos, readSuite, suitesFolder, type SuiteCase } from "./suite-reader.ts";
