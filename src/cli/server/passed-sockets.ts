/** Passed sockets: listening descriptors that systemd hands over (sd_listen_fds(3)). */

export interface PassedSocket {
  readonly fd: number;
  /** From FileDescriptorName= of the .socket unit, or its name; empty if none was given. */
  readonly name: string;
}

/** The first descriptor that is passed, SD_LISTEN_FDS_START. */
const firstDescriptor = 3;

/** What was passed to the process `pid`; nothing if the variables are meant for another. */
export function passedSockets(environment: NodeJS.ProcessEnv, pid: number): readonly PassedSocket[] {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES = '' } = environment;
  if (LISTEN_PID !== String(pid) || !/^[1-9]\d{0,3}$/.test(LISTEN_FDS ?? '')) return [];
  const names = LISTEN_FDNAMES.split(':');
  return Array.from({ length: Number(LISTEN_FDS) }, (_, index) => ({
    fd: firstDescriptor + index,
    name: names[index] ?? '',
  }));
}
