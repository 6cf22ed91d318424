/** As much of sdp-transform as our test compares with; the package brings no types. */
declare module "sdp-transform" {
  export function parse(sdp: string): {
    readonly media: readonly {
      readonly type: string;
      readonly port: number;
      readonly payloads: string | number;
      readonly direction?: string;
    }[];
  };
}
