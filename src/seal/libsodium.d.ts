/** libsodium without its wrappers, which has no types of its own: sodium.ts says what it uses of it. */
declare module 'libsodium' {
  /** Makes an instance; `getRandomValue` gives 32 random bits. */
  export default function start(options: { getRandomValue(): number }): Promise<object>;
}
