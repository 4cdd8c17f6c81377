/** Unit files: what systemd is told of a server, written for the node and the program that are installed here. */

export interface UnitFile {
  /** Below /etc. */
  readonly path: string;
  readonly text: string;
}

export interface Installed {
  /** Absolute path of node. */
  readonly node: string;
  /** Absolute path of the program's first module. */
  readonly program: string;
}

/** User and group of the service; also the name of its folder in /var/lib. */
const account = 'obalka';

/** How long the server may be silent before systemd starts it anew. */
const watchdogSeconds = 90;

/** All of them. spec/guide/systemd.md says what each line of the service is for. */
export function unitFiles(installed: Installed): readonly UnitFile[] {
  return [
    { path: 'systemd/system/obalka.service', text: service(installed) },
    { path: 'systemd/system/obalka.socket', text: socket('smtp', 'for mail from other servers', ['25']) },
    { path: 'systemd/system/obalka-smtps.socket', text: socket('smtps', 'for mail inside TLS', ['465']) },
    {
      path: 'systemd/system/obalka-lmtp.socket',
      text: socket('lmtp', 'for mail from a server on this machine', [
        '/run/obalka-lmtp.sock',
        'SocketMode=0660',
      ]),
    },
    {
      path: 'systemd/system/obalka-metrics.socket',
      text: socket('metrics', 'for figures and health', ['127.0.0.1:9465']),
    },
    { path: 'sysusers.d/obalka.conf', text: `u ${account} - "obalka mail store" /var/lib/${account}\n` },
  ];
}

function socket(name: string, what: string, [listen = '', ...more]: readonly string[]): string {
  return lines(
    '[Unit]',
    `Description=obalka, ${what}`,
    '',
    '[Socket]',
    `ListenStream=${listen}`,
    ...more,
    `FileDescriptorName=${name}`,
    'Service=obalka.service',
    'Backlog=511',
    '',
    '[Install]',
    'WantedBy=sockets.target',
  );
}

function service({ node, program }: Installed): string {
  const command = `${quoted(node)} ${quoted(program)}`;
  return lines(
    '[Unit]',
    'Description=obalka, a sealed mail store',
    'Documentation=man:obalka-serve(1)',
    'After=network.target',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=notify',
    'NotifyAccess=all',
    `WatchdogSec=${watchdogSeconds}`,
    `Environment=OBALKA_DATA=/var/lib/${account}`,
    '# No configuration but that in /etc: what lies in its own folder it could write itself.',
    'Environment=XDG_CONFIG_HOME=/etc',
    'LoadCredential=pepper:obalka.pepper',
    '# Where it fails the server says why: RestartPreventExitStatus looks at the server alone.',
    `ExecStartPre=-${command} init --quiet`,
    `ExecStart=${command} serve --listen systemd`,
    'ExecReload=/bin/kill -HUP $MAINPID',
    'Restart=on-failure',
    'RestartSec=5',
    '# What was written wrong a person must mend.',
    'RestartPreventExitStatus=2',
    'TimeoutStartSec=600',
    'TimeoutStopSec=90',
    'KillMode=mixed',
    'LimitNOFILE=65536',
    '',
    '# Who it is, and what it may write.',
    `User=${account}`,
    `Group=${account}`,
    `StateDirectory=${account}`,
    'StateDirectoryMode=0700',
    'UMask=0077',
    'ProtectSystem=strict',
    'ProtectHome=yes',
    'PrivateTmp=yes',
    'RemoveIPC=yes',
    '',
    '# Its memory holds mail under way: not to a core dump, not to swap.',
    'LimitCORE=0',
    'MemorySwapMax=0',
    'KeyringMode=private',
    '',
    '# It opens no connection: what it listens on is handed to it.',
    'RestrictAddressFamilies=AF_UNIX',
    '',
    '# No rights, and no way to any.',
    'NoNewPrivileges=yes',
    'CapabilityBoundingSet=',
    'AmbientCapabilities=',
    'PrivateUsers=yes',
    'RestrictNamespaces=yes',
    'RestrictSUIDSGID=yes',
    'RestrictRealtime=yes',
    'LockPersonality=yes',
    'SystemCallArchitectures=native',
    'SystemCallFilter=@system-service',
    'SystemCallFilter=~@privileged @resources',
    'SystemCallErrorNumber=EPERM',
    '',
    '# Nothing of the machine but what it needs.',
    'PrivateDevices=yes',
    'DevicePolicy=closed',
    'PrivateIPC=yes',
    'ProtectClock=yes',
    'ProtectControlGroups=yes',
    'ProtectHostname=yes',
    'ProtectKernelLogs=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelTunables=yes',
    'ProtectProc=invisible',
    'ProcSubset=pid',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  );
}

/** A path as one word of a command (systemd.service(5), Command lines). */
function quoted(path: string): string {
  const doubled = path.replace(/[%$]/g, '$&$&');
  return /^[\w./@:+=%$-]+$/.test(path) ? doubled : `"${doubled.replace(/["\\]/g, '\\$&')}"`;
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
