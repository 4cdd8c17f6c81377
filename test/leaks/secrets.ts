/** Secrets: every word that is sent in the run that a thief then searches. No word stands in another that is known. */
export const recipients = [
  'wilhelmine.von.quitzow@hollerbusch.example',
  'bartholomaeus@zwetschgenhain.example',
];

export const registeredLater = 'konstantinos+rechnung@pfefferminz.example';
export const catchAll = '*@schlehdorn.example';
export const caught = 'irgendjemand.sonst@schlehdorn.example';
export const unknownRecipient = 'niemandsland@vogelbeere.example';
export const badRecipient = 'zerbrochene..adresse@@holunderbluete';
export const sender = 'schwiegermutter@kirschwasser.example';
export const otherSender = 'doppelgaenger@wacholderheide.example';
export const hello = 'notebook-der-schwiegermutter.kirschwasser.example';
export const otherHello = 'zweitgeraet.wacholderheide.example';
/** The client connects from here: all of 127.0.0.0/8 is this machine. */
export const clientAddress = '127.77.133.201';
export const label = 'Handtelefon im Handschuhfach';
export const wrongCommand = 'GEHEIMBEFEHL Schatzkarte-vergraben';
export const subject = 'Einladung zur Sonnwendfeier';
export const fromName = 'Adelgunde Rumpelstilz';
export const toName = 'Wilhelmine Quitzow';
export const messageId = 'nachrichtenkennung.4711@kirschwasser.example';
/** Not of ASCII: in UTF-8 in one place, in latin1 in another. */
export const umlauts = 'Übergrößenträgerhöschen für Mühlheim';
export const body = 'Bitte bringt Zuckerwatte mit, und die Trompete.';
export const attachmentName = 'Lageplan-Gartenlaube.pdf';
export const attachmentWords = 'Schubkarrenrennen um die Pergola';
export const hugeHeaderField = 'X-Kilometerlang';
export const hugeHeaderWord = 'Donaudampfschifffahrt';
export const refusedBody = 'Verschmaehte Liebesbriefe';
export const abortedBody = 'Unvollendete Symphonie';
export const resetBody = 'Abgerissene Seilbahn';
export const killedBody = 'Erschlagener Drachen';
export const typedByMistake = 'Haarspalterei@kuddelmuddel.example';

/** What is looked for: the whole of each, its words, the sides of each address. */
export const secrets: readonly string[] = [
  ...new Set(
    [
      ...recipients,
      registeredLater,
      caught,
      unknownRecipient,
      badRecipient,
      sender,
      otherSender,
      hello,
      otherHello,
      clientAddress,
      `::ffff:${clientAddress}`,
      String(Buffer.from(clientAddress.split('.').map(Number)).readUInt32BE()),
      label,
      wrongCommand,
      subject,
      fromName,
      toName,
      messageId,
      body,
      umlauts,
      attachmentName,
      attachmentWords,
      hugeHeaderField,
      hugeHeaderWord,
      refusedBody,
      abortedBody,
      resetBody,
      killedBody,
      typedByMistake,
      'schlehdorn.example',
    ].flatMap((text) => [text, ...text.split(/[ ,@.+]+/)]),
  ),
].filter((word) => word.length >= 7 && word !== 'example');
