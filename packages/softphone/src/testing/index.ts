export {
  accountAt,
  describeEffect,
  PhoneBench,
  plainHash,
  site1,
  site2,
  type Sent,
} from "./phone-bench.ts";
export { type OtherSide, otherSide, sdpOf } from "./other-side.ts";
