export {
  accountAt,
  describeEffect,
  PhoneBench,
  plainHash,
  site1,
  site2,
  type Sent,
} from "./phone-bench.ts";
export {
  type OtherSide,
  otherSide,
  type RequestMore,
  type ResponseMore,
  sdpOf,
} from "./other-side.ts";
