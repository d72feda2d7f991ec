/**
 * Every word the page says, in German. Short, warm, second person; no verdicts.
 *
 * @type {Record<import('../messages.js').MessageKey, string>}
 */
export default {
  'name': 'Mien',
  'stage.label': 'Eine Skulptur aus Licht und einfachen Formen, die sich mit dir bewegt',

  'seen.rest': 'Sie ruht.',
  'seen.follows': 'Sie folgt jemandem.',
  'seen.closed': 'Sie ist geschlossen wie eine Knospe.',
  'seen.half': 'Sie ist halb geöffnet.',
  'seen.open': 'Sie ist weit geöffnet.',
  'seen.slow': 'Sie bewegt sich langsam.',
  'seen.lively': 'Sie ist voller Bewegung.',
  'seen.left': 'Sie neigt sich nach links.',
  'seen.right': 'Sie neigt sich nach rechts.',
  'seen.forms': 'Neue Formen um sie herum: {count}.',

  'language.other': 'English',

  'attract.label': 'So wird gespielt',
  'attract.begin': 'Anfangen',
  'attract.hello': 'Komm näher. Berühre mich, und es beginnt.',
  'attract.open': 'Öffne die Arme, und sie öffnet sich.',
  'attract.reach': 'Streck die Hand aus. Die Faust sammelt, die Hand schiebt.',
  'attract.capture': 'Beide Arme hoch: ein Bild bleibt.',
  'attract.scene': 'Zwei Finger, und sie wird eine andere.',
  'attract.clear': 'Arme verschränkt: alles darf gehen.',

  'notice.title': 'Sie bewegt sich mit dir.',
  'notice.emotion':
    'Eine Kamera sieht dich, und ein Programm auf diesem Rechner liest aus dem Bild Bewegung und '
    + 'Gesichtsausdruck. Das Gesetz nennt das Emotionserkennung. Gelesen werden Gesichter, keine '
    + 'Gefühle, und das Programm irrt sich oft.',
  'notice.movement':
    'Eine Kamera sieht dich, und ein Programm auf diesem Rechner liest aus dem Bild deine Bewegung. '
    + 'Dein Gesicht liest es nicht.',
  'notice.privacy':
    'Jedes Bild ist vergessen, sobald es gelesen ist. Nichts wird aufgehoben, nichts geht hinaus.',
  'notice.choice': 'Ja, die Kamera darf mich sehen.',
  'notice.begin': 'Anfangen',
  'notice.unticked': 'Erst das Kästchen, wenn du magst.',

  'line.closer': 'Komm näher.',
  'line.move': 'Du kannst sie bewegen.',
  'line.arms': 'Öffne die Arme.',
  'line.head': 'Dreh den Kopf. Das Licht folgt dir.',
  'line.hands': 'Streck die Hand aus. Die Faust sammelt, die offene Hand schiebt.',
  'line.capture': 'Beide Arme hoch, und ein Bild bleibt.',
  'line.scene': 'Zwei Finger hoch, und sie wird eine andere.',
  'line.still': 'Oder sei ganz still.',
  'line.several': 'Sie folgt, wer am nächsten steht.',
  'line.kept': 'Da ist es. Nimm es mit.',
  'line.saved': 'Gespeichert. Es gehört dir.',
  'line.unsaved': 'Das ist entwischt. Noch einmal?',
  'line.frozen': 'Sie hält still.',
  'line.goodbye': 'Schön war es. Die Kamera ist aus.',
  'line.offline': 'Einen Moment. Es kommt von selbst zurück.',
  'line.paused': 'Einen Moment.',
  'line.next': 'Gerade spielen andere. Gleich bist du dran.',
  'line.waiting': 'Gerade spielen andere. Du bist Nummer {place} in der Reihe.',
  'line.context': 'Das Licht ist gleich wieder da.',
  'line.unsupported': 'Dieser Browser kann die Skulptur nicht zeigen. Sie braucht WebGL 2.',

  'said.play': 'Die Kamera ist an. Die Skulptur bewegt sich mit dir.',
  'said.scene': 'Eine andere Szene.',

  'camera.asking': 'Bitte erlaube die Kamera.',
  'camera.denied':
    'Diese Seite darf nicht an die Kamera. Erlaube es neben der Adresse, und es beginnt.',
  'camera.none': 'Noch keine Kamera da. Schließ eine an, und es beginnt.',
  'camera.insecure':
    'Browser leihen die Kamera nur sicheren Seiten. Öffne diese mit https.',
  'camera.lost': 'Die Kamera ist fort. Es geht von selbst weiter.',
  'camera.hidden': 'Pause, solange du fort bist.',
  'camera.on': 'Kamera an',
  'camera.stop': 'Stopp',
  'camera.stop.label': 'Stopp: die Kamera ausschalten',
  'camera.again': 'Noch einmal',
  'camera.back': 'Zurück',
  'replay.on': 'Eine Aufzeichnung',
  'inset.label': 'Was die Kamera sieht, gespiegelt',
  'inset.room': 'Die Kamera',

  'mixture.label': 'Die Farben deines Ausdrucks, in Worten',
  'expression.angry': 'wild',
  'expression.disgust': 'schräg',
  'expression.fear': 'hellwach',
  'expression.happy': 'hell',
  'expression.neutral': 'ruhig',
  'expression.sad': 'sanft',
  'expression.surprise': 'staunend',

  'pose.label': 'Haltung: {pose}',
  'pose.neutral': 'locker',
  'pose.arms_up': 'Arme hoch',
  'pose.arms_out': 'Arme weit',
  'pose.arms_crossed': 'Arme verschränkt',
  'pose.left_arm_up': 'linker Arm hoch',
  'pose.right_arm_up': 'rechter Arm hoch',
  'pose.left_arm_out': 'linker Arm zur Seite',
  'pose.right_arm_out': 'rechter Arm zur Seite',
  'pose.hands_on_hips': 'Hände an den Hüften',
  'pose.hands_on_head': 'Hände am Kopf',
  'pose.hands_together': 'Hände aneinander',
  'pose.wave': 'winkend',
  'pose.clap': 'klatschend',
  'pose.nod': 'nickend',
  'pose.shake': 'kopfschüttelnd',
  'pose.victory': 'zwei Finger hoch',
  'pose.thumbs_up': 'Daumen hoch',

  'controls.label': 'Bedienung',
  'controls.more': 'Mehr',
  'controls.clear': 'Leeren',
  'controls.scene': 'Szene',
  'controls.capture': 'Bild',
  'controls.fullscreen': 'Vollbild',
  'controls.window': 'Fenster',
  'controls.help': 'Hilfe',

  'countdown.clear': 'Gleich darf alles gehen',
  'countdown.capture': 'Atem anhalten',
  'countdown.scene': 'Gleich wird sie eine andere',
  'countdown.other': 'Gleich',
  'countdown.keep': 'Noch nicht',

  'picture.label': 'Dein Bild',
  'picture.alt': 'Die Skulptur, wie sie eben war',
  'picture.save': 'Speichern',
  'picture.aside': 'Weiterspielen',
  'picture.again': 'Bild {number} noch einmal ansehen',
  'picture.shelf': 'Deine Bilder',

  'help.title': 'So spielt es sich',
  'help.body':
    'Öffne die Arme, und sie öffnet sich. Neig dich, und sie neigt sich. Dreh den Kopf, und das '
    + 'Licht dreht sich.',
  'help.hands': 'Die Faust sammelt, die offene Hand schiebt.',
  'help.up': 'Beide Arme drei Sekunden hoch: ein Bild bleibt.',
  'help.crossed': 'Arme einen Moment verschränkt: alles darf gehen.',
  'help.victory': 'Zwei Finger einen Moment hoch: die nächste Szene.',
  'help.keys': 'Tasten',
  'help.more': 'mehr Formen',
  'help.clear': 'leeren',
  'help.scene': 'nächste Szene',
  'help.capture': 'ein Bild machen',
  'help.save': 'das Bild speichern',
  'help.fullscreen': 'Vollbild',
  'help.words': 'Worte zu den Farben',
  'help.help': 'diese Seite',
  'help.escape': 'noch nicht, oder schließen',
  'help.privacy':
    'Dein Bild ist vergessen, sobald es gelesen ist. Du kannst die Kamera jederzeit stoppen.',
  'help.close': 'Schließen',
}
