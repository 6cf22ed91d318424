import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { PublicKey } from "@tandem/cti";

/** Tokens as a Configuration Server signs them, by a key made for a test. */
export interface TokenMaker {
  readonly publicKey: PublicKey;
  readonly sign: (choice: TokenChoice) => Promise<string>;
}

export interface TokenChoice {
  /** `1001` is the person agent-1001 with the Agent Login 1001. */
  readonly agentID: string;
  /** DNs of the person's Places. */
  readonly dns: readonly string[];
  readonly isExpired?: boolean;
}

const kid = "test";

export async function createTokenMaker(): Promise<TokenMaker> {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", {
    crv: "Ed25519",
    extractable: true,
  });
  const { x = "" } = await exportJWK(publicKey);
  return {
    publicKey: { kid, x },
    sign: ({ agentID, dns, isExpired = false }) =>
      new SignJWT({
        role: "agent",
        employeeId: agentID,
        agentLogins: [agentID],
        dns: [...dns],
        tenant: "t",
      })
        .setProtectedHeader({ alg: "EdDSA", kid })
        .setIssuer("config-test")
        .setSubject(`agent-${agentID}`)
        .setExpirationTime(isExpired ? 1 : "1h")
        .sign(privateKey),
  };
}
