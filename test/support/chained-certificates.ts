/** Chained certificates: one for mx.example.org, the one that vouches for it, their root, and one with a short RSA key; until 2126. */

const pem = (base64: string, what = 'CERTIFICATE') =>
  `-----BEGIN ${what}-----\n${base64.replace(/.{64}/g, '$&\n')}\n-----END ${what}-----\n`;

export const leaf = pem(
  [
    'MIIBeTCCASCgAwIBAgIUGjCMYdf4+R0hgajo0YcG1UmStukwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBQjAgFw0yNjExMjEx',
    'ODExMjJaGA8yMTI2MDcyMDE4MTEyMlowDTELMAkGA1UEAwwCbXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATj7Bhu3N2H',
    'UZ2AqLtyXqGIanFz1udIGf1AOEKDRcfFPPhIVKxGvcjc6WFd8GSl74EvQBy8pLhboVdYsoVXZpGVo10wWzAZBgNVHREEEjAQ',
    'gg5teC5leGFtcGxlLm9yZzAdBgNVHQ4EFgQUojW9/pHpgM6LFTXUVJEkY7WDGWcwHwYDVR0jBBgwFoAUPiKUcBo6ejDerSkN',
    'Wn2t61oSZNgwCgYIKoZIzj0EAwIDRwAwRAIgB8OEaDs744yGC8yA8zbi8lN1K/Y3s8ejAwdN2y2BlSkCIGTZSYYfV8lHr4kx',
    'DOqX7NRESdRIxU8syo9BKnw0xU/T',
  ].join(''),
);

export const intermediate = pem(
  [
    'MIIBcDCCARWgAwIBAgIUdW4/ots/bf3hf/uZ32zRst8thpEwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBQTAgFw0yNjExMjEx',
    'ODExMjJaGA8yMTI2MTAyODE4MTEyMlowDDEKMAgGA1UEAwwBQjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBl0emKoT1oV',
    'fsezEtjt7ka74kMSE1pHA9MAZUybCupP3sNjXIvHs3D8saEA/tiIybIr7Up4/lVWixPbV+nkssqjUzBRMA8GA1UdEwEB/wQF',
    'MAMBAf8wHQYDVR0OBBYEFD4ilHAaOnow3q0pDVp9retaEmTYMB8GA1UdIwQYMBaAFIkFZ3rbd5pllKvD4TUiokZObcNUMAoG',
    'CCqGSM49BAMCA0kAMEYCIQDrr/b4xHEaDwFiH6u1MSAHlA17C1TLtoixCtjcqPlrQgIhAOxzf73+8mOtYKcBcUwg5PlBd0mN',
    '6pywdb5f5PxcS7N4',
  ].join(''),
);

export const root = pem(
  [
    'MIIBbzCCARWgAwIBAgIUVGVJOBxdwc58DS7Y6Efmg4O4EaMwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBQTAgFw0yNjExMjEx',
    'ODExMjFaGA8yMTI2MTAyODE4MTEyMVowDDEKMAgGA1UEAwwBQTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFKzdx5c58lq',
    'ynkPYVeefirlF6jrv9puDmBP3Hub0H8fiSy0Wngm4XMY8AtsmhCmLQM1S24IiNzOWgpx0tojwjujUzBRMB0GA1UdDgQWBBSJ',
    'BWd623eaZZSrw+E1IqJGTm3DVDAfBgNVHSMEGDAWgBSJBWd623eaZZSrw+E1IqJGTm3DVDAPBgNVHRMBAf8EBTADAQH/MAoG',
    'CCqGSM49BAMCA0gAMEUCIQCs/JNtoV517MuZmGdc4qHDeJglq41flC5WJHL0WAtfaQIgNiQaSt/xC399Uu+EfV7uBezPnwWu',
    'XQk5sAJ/HnuQuT0=',
  ].join(''),
);

export const shortKey = pem(
  [
    'MIIB9jCCAV+gAwIBAgIUKL4p4QmdBqEtiMqXnsjwmaDMmCgwDQYJKoZIhvcNAQELBQAwDDEKMAgGA1UEAwwBcjAgFw0yNjEx',
    'MjExODExMjJaGA8yMTI2MTAyODE4MTEyMlowDDEKMAgGA1UEAwwBcjCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkCgYEAp/z/',
    '2QB2UeCztni/NGur+o8uNym+x/q2VPI5AiF+6Bek8t60eJsrAAtp4kI2Vy2rA2Tkc1Z/VoU2147fiEoFozoHGgXycXCk3WAR',
    'souslCYa7OiXYPBYQF9ADv8P3YOh/O4u7QGd7iPtlde7WzVqLvRbflktqUFuqg3mlW84mzsCAwEAAaNTMFEwHQYDVR0OBBYE',
    'FGwyPoh5ThY5fx4h1MiVDzc5785PMB8GA1UdIwQYMBaAFGwyPoh5ThY5fx4h1MiVDzc5785PMA8GA1UdEwEB/wQFMAMBAf8w',
    'DQYJKoZIhvcNAQELBQADgYEAZzYKVN4o+AQ+Jl74+6uBM+6q/+X4pYpApCPBM8eOILfPUJs05RiKt/+EKQ5WnWR3w8SvLqwu',
    'zbDUykeFBouScUgQAEDUqmHPARQvNMC55luW40GytVIOyawgQ5toP3pW37YYUp6j8h4AJK+n4PqrwhPcU5DmgdGjncAMZ/ft',
    'bf8=',
  ].join(''),
);

/** By openssl: SHA-256 of the SubjectPublicKeyInfo of the leaf. */
export const leafKeyHash = '667e24e933ff87234898af999036878ad95848b5b234d69b19819ab2e8825475';

/** Of the leaf, and of nothing else. */
export const leafKey = pem(
  [
    'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgrtqsnM571n9LWHv5cpH8zFGqN09ciLe9SwUrGPYMCDShRANC',
    'AATj7Bhu3N2HUZ2AqLtyXqGIanFz1udIGf1AOEKDRcfFPPhIVKxGvcjc6WFd8GSl74EvQBy8pLhboVdYsoVXZpGV',
  ].join(''),
  'PRIVATE KEY',
);

/** Of the one with a short RSA key. */
export const shortPrivateKey = pem(
  [
    'MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBAKf8/9kAdlHgs7Z4vzRrq/qPLjcpvsf6tlTyOQIhfugXpPLe',
    'tHibKwALaeJCNlctqwNk5HNWf1aFNteO34hKBaM6BxoF8nFwpN1gEbKLrJQmGuzol2DwWEBfQA7/D92DofzuLu0Bne4j7ZXX',
    'u1s1ai70W35ZLalBbqoN5pVvOJs7AgMBAAECgYAAtHQSYgkdENdQNbN/sc/37i/gdWFij2/CbX3Fv4Q7zxWXG04gj24fwux/',
    '0Y1O0lc8XWkD/uHr6AUx5FyVwtHBOtiQj0WTYSVlVPCdEnz5mYpCCFhMzlsoRSHcGdde+GujZPrUo4AWntlR5BfAdw80LebF',
    'HbUEWi7M2JMgCv6pqQJBANBQ82P7wkHKEg0TDaH/4As3voDqM+TX4RqJ+sF1XCMMUcMKwINBMLimEyK7XfxU82eGRKsLVcKq',
    '7IOVOOuabuUCQQDOcOLUG1B9Qpx3WdysMM+NhY6oh8yM7pFElyRYKRwaMyogsRii6/zHfq0lCqQIDZAqNClpH3poR+cVDNR9',
    'YB+fAkEApFI2q3e8FAlBk+6jolYkdLTUIPydUra3aifNFS1uMHdXR3MDyIVz2TOnhI4n5RNdrRvMrt+SFqydRG5BKBf5wQJB',
    'AK+n9hmstCwhBam4WMBbN/+faOeVxUMVq53FTTOGp1bTukDe76uRSSEmdIVULIZ9o/GFOMct9aXNqJ6MsDGOHNkCQQCPdFaC',
    'MEHpF7wewgVJqDAcHm8u9yllpQrNA5MgX/YzQmxoJUWu0fZhFmAyBYopZIqy5qram1XPjue4cn30DeB3',
  ].join(''),
  'PRIVATE KEY',
);
