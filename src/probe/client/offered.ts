import { extensionBody, type MessageBody } from "../../messages/index.ts";
import { ExtensionType } from "../../registry/index.ts";

/** Numbers of a ClientHello's extensions, in the client's order. */
export const typesOf = ({ extensions }: MessageBody<"client_hello">): number[] =>
  Object.keys(extensions).map((name) =>
    extensionBody("client_hello", name) === undefined
      ? Number(name)
      : ExtensionType[name as keyof typeof ExtensionType],
  );

/** RFC 8701 §2. */
export const isGrease = (value: number): boolean =>
  (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
