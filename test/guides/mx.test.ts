/** The guide to an MX of one's own, typed as it stands; certbot's stand-in makes the certificate, with an authority of the test. */
import { findProgram } from '../peers/program.js';
import { dnsServer } from '../support/dns-server.js';
import { assert, skip, suite } from '../support/suite.js';
import { Guide } from './guide.js';
import { Machine } from './machine.js';
import { startService } from './units.js';

const name = 'the server of the domain does not take mail, or not with the certificate';
const missing = ['systemd-socket-activate', 'openssl', 'curl'].filter((program) => !findProgram(program));

suite('guide: an MX of one’s own', (test) => {
  if (missing.length > 0) return skip(test, name, `no ${missing.join()}`);

  test(name, () =>
    Machine.using(async (machine) => {
      const guide = new Guide('mx.md');
      for (const program of ['npm', 'hostnamectl']) machine.standIn(program);
      await machine.type(guide.next('sh', 'npm install'));
      const live = machine.path('/etc/letsencrypt/live/mx.example.org');
      const files = `-keyout ${live}/privkey.pem -out ${live}/fullchain.pem`;
      const made = `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=x ${files}`;
      const names = '-addext "subjectAltName=DNS:$name" 2> certbot.log';
      machine.program(
        'certbot',
        'case " $* " in *" --reuse-key "*) ;; *) exit 1 ;; esac; for name; do :; done',
        `mkdir -p ${live} && ${made} ${names}`,
      );
      await machine.type(guide.next('sh', 'certbot'));
      machine.made.environment.SSL_CERT_FILE = `${live}/fullchain.pem`;
      machine.made.environment.CURL_CA_BUNDLE = `${live}/fullchain.pem`;
      await machine.type(guide.next('sh', 'certificate.conf'));
      machine.calls();
      await machine.type(machine.path('/etc/letsencrypt/renewal-hooks/deploy/obalka'));
      assert.equal(machine.calls(), ['systemctl restart obalka']);
      machine.program('ss', 'case " $* " in *" -H "*"sport = :25 ") ;; *) exit 1 ;; esac');
      assert.is(await machine.type(guide.next('sh', 'sport')), '');
      await machine.type(guide.next('sh', 'obalka.toml'));
      const units = /^systemctl enable --now (.*)$/m.exec(machine.calls().join('\n'))?.[1]?.split(' ') ?? [];
      const { server, address } = await startService(machine, units);
      await machine.type('obalka config check\nobalka key new me');
      assert.match(await machine.type(guide.next('sh', 'obalka alias')), /alias for me@example\.org/);

      machine.let('smtp://mx\\.example\\.org:25', `--connect-to ::${address} smtp://mx.example.org`);
      machine.let('mx\\.example\\.org:25', address);
      const { stdout, stderr } = await machine.ended(guide.next('sh', 's_client'));
      assert.match(`${stdout}${stderr}`, /^Verification: OK$/m);
      await machine.type(guide.next('sh', 'curl'));
      assert.match(await machine.type('obalka registered postmaster'), /alias for me@example\.org/);
      assert.match(await machine.type('obalka list --identity me'), /The first\n$/);
      const zone = await machine.type(guide.next('sh', 'obalka dns'));
      assert.match(zone, /^_25\._tcp\.mx\.example\.org\. \d+ IN TLSA 3 1 1 [0-9a-f]{64}$/m);
      assert.match(guide.next('dns', ' MX '), /^example\.org\. +3600 +IN +MX +10 mx\.example\.org\.$/m);
      const dns = await dnsServer(zone.split('\n'), { isVerified: true });
      machine.made.environment.DNS_SERVER = dns.address;
      machine.made.environment.NODE_OPTIONS = `--import=${new URL('own-dns.js', import.meta.url)}`;
      const doctor = guide.next('sh', 'obalka doctor');
      const good = ['MX', 'TLSA', 'SPF', 'certificate'];
      let said = '';
      // Its questions have little time, which a busy machine may not give.
      for (let times = 0; times < 5 && !isGood(said, good); times++)
        said = (await machine.ended(doctor)).stdout.toString();
      await dns.close();
      assert.ok(isGood(said, good), said);
      assert.is((await server.stop()).code, 0, server.stderr);
      guide.end();
    }),
  );
});

function isGood(said: string, names: readonly string[]): boolean {
  return names.every((name) => new RegExp(`^ok +${name} `, 'm').test(said));
}
