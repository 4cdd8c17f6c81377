/** better-sqlite3 12 has the types of better-sqlite3 13. */
declare module 'better-sqlite3-for-node-20' {
  export { default } from 'better-sqlite3';
}
