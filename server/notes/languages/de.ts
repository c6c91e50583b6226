import { de as chrono } from 'chrono-node';
import { type NotesLanguage, nothing, opening, wordList, words } from './language.ts';

const task = String.raw`(?=\s+\p{L})`;
const soon = String.raw`(?:\s+(?:bitte|dann|auch|noch|mal|gleich|das|schnell|jetzt|ja))*`;

export const de: NotesLanguage = {
  code: 'de',
  locale: 'de-DE',
  headings: {
    summary: 'Zusammenfassung',
    decisions: 'Entscheidungen',
    actions: 'Aufgaben',
    questions: 'Offene Fragen',
    moments: 'Wichtige Stellen',
    answers: 'Fragen und Antworten',
    subjective: 'Subjektiv',
    objective: 'Objektiv',
    assessment: 'Beurteilung',
    plan: 'Plan',
    about: 'Notizen',
  },
  phrases: {
    unknown: 'unbekannt',
    nothing: 'Keine.',
    noSpeech: 'In dieser Aufnahme wurde nichts gesagt.',
    and: 'und',
    recordingOf: 'Aufnahme vom',
    due: 'fällig',
    marked: 'Markiert',
    languageModelFailed: 'Das Sprachmodell war nicht zu benutzen; diese Notizen sind ohne es entstanden.',
    droppedLines: (count) =>
      `${count} ${count === 1 ? 'Zeile' : 'Zeilen'} des Sprachmodells ohne Beleg ${count === 1 ? 'wurde' : 'wurden'} weggelassen.`,
    templateFailed: 'Die Vorlage war nicht zu lesen; die Vorlage „meeting“ wurde benutzt.',
  },
  parseDates: (text, reference) => chrono.parse(text, reference, { forwardDate: true }),
  deadlines: words(
    String.raw`(?:bis zu[mr]?|vor (?:dem|der|den)|nach (?:dem|der)|spätestens|bis)\s+(?:\p{L}+\s+)?\p{Lu}[\p{L}-]+|so bald wie möglich|schnellstmöglich|asap|sofort|heute|morgen|übermorgen|diese woche|nächste woche|diesen monat|nächsten monat`,
  ),
  deadlineLead:
    /(?<!\p{L})(?:(?:bis|vor|am|zum|spätestens|ab|um|im|in|nach|gegen)\s+(?:zum\s+|zur\s+|dem\s+|der\s+|den\s+)*)+$/iu,
  endOf:
    /(?<!\p{L})(?:bis\s+)?(?:ende|zum ende)\s+(?:der|des|dieser|dieses|nächster|nächsten)\s+(tages|woche|monats|quartals|jahres)(?!\p{L})/iu,
  stopWords: wordList(
    `aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch auf aus bei bin
    bis bist da dabei damit dann das dass daß dein deine dem den denn der des dich die dies diese diesem diesen dieser
    dieses dir doch dort du durch ein eine einem einen einer eines einig einige er es etwas euch euer eure für gegen
    gewesen hab habe haben hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in indem ins
    ist ja jede jedem jeden jeder jedes jene jetzt kann kein keine keinem keinen keiner können könnte könnten machen
    man manche mein meine meinem mich mir mit muss müssen muß nach nicht nichts noch nun nur ob oder ohne okay sehr sein
    seine seinem seinen seiner selbst sich sie sind so solche soll sollen sollte sollten sondern sonst über um und uns
    unser unsere unter viel vom von vor während war waren warst was weg weil weiter welche welchem welchen wenn wer
    werde werden wie wieder will wir wird wirst wo wollen wollte würde würden zu zum zur zwar zwischen mal eben halt
    schon gut genau bitte danke eigentlich vielleicht heute morgen`,
  ),
  spellings: [],
  sentenceStarts: /(?!)/gu,
  fillers: /(?<![\p{L}'’-])(?:ä+h+m*|ö+h+m*|h+m+|ehm|sozusagen)(?![\p{L}'’-])[,.…]*/giu,
  openers: opening(
    String.raw`(?:okay|ok|also|so|gut|ja|nein|und|aber|dann|na|nun|jetzt|genau|super|prima|alles klar|danke|ach|ach ja|übrigens|perfekt|schön)[,.!:;\s]+(?=\p{L})|(?:okay|ok|also|gut|ja|super|prima)`,
  ),
  runBreaks:
    /(?<=\s)(?:okay|also|und dann|wir haben|wir müssen|ich werde|kannst du|könntest du|können sie)(?=\s)/giu,
  teams: String.raw`(?:(?:das|unser)\s+)?(?:[\p{L}-]+-?team)|(?:die|der)\s+(?:marketingabteilung|buchhaltung|entwicklung|personalabteilung|rechtsabteilung|it-abteilung)|das\s+marketing|der\s+vertrieb`,
  acronymTeams: [],
  forms: 'herr|frau',
  personContexts: [
    String.raw`(?:^|[,.;:?!]\s|\b(?:[Oo]kay|[Aa]lso|[Dd]anke|[Uu]nd)\s){word},\s(?:kannst|könntest|würdest|wirst|bitte|hast|machst)\s`,
    String.raw`(?:^|[,.;:?!]\s){word}\s(?:wird|muss|soll|übernimmt|kümmert|schickt|schreibt|macht|bereitet|prüft)\s`,
    String.raw`\b(?:Herr|Frau)\s{word}`,
    String.raw`,\s{word}[.?!]$`,
    String.raw`\b(?:[Dd]anke|[Hh]allo),?\s{word}[,.!?]`,
  ],
  notPeople: wordList(
    `montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz april mai juni juli august
    september oktober november dezember heute morgen das die der wer was wie jemand niemand alle keiner ende`,
  ),
  tasks: [
    {
      kind: 'charge',
      who: 'nobody',
      pattern: String.raw`(?:aufgabe|todo|to-do|nächster\s+schritt)\s*(?:ist|:)+`,
    },
    {
      kind: 'request',
      who: 'named',
      pattern: String.raw`{who},?\s+(?:kannst|könntest|würdest|wirst)\s+du${soon}${task}`,
    },
    {
      kind: 'request',
      who: 'named',
      pattern: String.raw`{who},?\s+(?:können|könnten|würden)\s+sie${soon}${task}`,
    },
    { kind: 'request', who: 'named', pattern: String.raw`(?:kann|könnte)\s+{who}${soon}${task}` },
    { kind: 'request', who: 'named', pattern: String.raw`{who},?\s+bitte${task}` },
    {
      kind: 'promise',
      who: 'named',
      pattern: String.raw`{who},?\s+du\s+(?:musst|sollst|solltest|wirst)${soon}${task}`,
    },
    {
      kind: 'promise',
      who: 'named',
      pattern: String.raw`{who}\s+(?:wird|muss|soll|sollte|werden|müssen|sollen)${soon}${task}`,
    },
    {
      kind: 'charge',
      who: 'named',
      pattern: String.raw`{who}\s+(?:übernimmt|macht|kümmert\s+sich(?:\s+um)?|ist\s+(?:zuständig|verantwortlich)\s+für)`,
    },
    {
      kind: 'charge',
      who: 'named',
      pattern: String.raw`{who}(?=\s+(?:schickt|sendet|schreibt|prüft|bereitet|bestellt|organisiert|ruft|klärt|aktualisiert|erstellt|bucht|testet|liefert|repariert|verschickt|informiert)\s)`,
    },
    {
      kind: 'request',
      who: 'nobody',
      pattern: String.raw`wer\s+(?:kann|könnte|übernimmt|macht|will)${task}`,
    },
    {
      kind: 'request',
      who: 'addressee',
      pattern: String.raw`(?:kannst|könntest|würdest)\s+du${soon}${task}`,
    },
    { kind: 'request', who: 'addressee', pattern: String.raw`(?:können|könnten|würden)\s+sie${soon}${task}` },
    {
      kind: 'request',
      who: 'addressee',
      pattern: String.raw`(?:kann|könnte)\s+(?:jemand|wer)${soon}${task}`,
    },
    { kind: 'promise', who: 'speaker', pattern: String.raw`ich\s+werde${soon}${task}` },
    { kind: 'charge', who: 'speaker', pattern: String.raw`ich\s+(?:übernehme|kümmere\s+mich\s+um)${task}` },
    {
      kind: 'charge',
      who: 'speaker',
      pattern: String.raw`ich(?=\s+(?:schicke|sende|schreibe|prüfe|bereite|bestelle|organisiere|rufe|kläre|aktualisiere|erstelle|buche|teste|mache|informiere|frage)\s)`,
    },
    {
      kind: 'charge',
      who: 'speaker',
      pattern: String.raw`(?=(?:schicke|sende|schreibe|prüfe|bestelle|rufe|kläre|erstelle|buche|mache)\s+ich\s)`,
    },
    { kind: 'need', who: 'speaker', pattern: String.raw`ich\s+muss${soon}${task}` },
    { kind: 'offer', who: 'speaker', pattern: String.raw`ich\s+(?:kann|könnte)${soon}${task}` },
    {
      kind: 'need',
      who: 'nobody',
      pattern: String.raw`(?:wir|jemand)\s+(?:müssen|muss|sollten|sollte)${soon}${task}`,
    },
  ],
  clauseStart: String.raw`[,;:.!?–—-]\s*|(?<!\p{L})(?:und|aber|dann|dass|also|okay|gut|ja)\s+`,
  clauseJoint: /[\s,;]*(?:(?<!\p{L})(?:und|aber|dann))?[\s,;]*$/iu,
  notTasks: opening(
    String.raw`\s*(?:sagen|sehen|denken|nicht|sein|kein|keine|los|gehen|weitermachen|anfangen|mal\s+sehen|hören|mich\s+hören|uns\s+hören)`,
  ),
  decisionVerbs: words('machen|nehmen|verschieben|behalten|streichen|bleiben|starten|benutzen|einführen'),
  haveReady: nothing,
  dayOfMonth: nothing,
  hypothetical: words(
    'vielleicht|eventuell|wenn|falls|hätte|hätten|wäre|wären|würde|würden|theoretisch|möglicherweise|irgendwann',
  ),
  soft: words('sollten|sollte|könnte|könnten'),
  mereQuestion: opening('wird|werden'),
  pronounTask: /^\s*(?:(?:das|es|die)\s+)?(?:gerne?\s+)?(?:machen|übernehmen|erledigen|tun)?[\s.,!?]*$/iu,
  agenda: nothing,
  absence: nothing,
  bareTask: nothing,
  conditional: words('(?<!ob )falls|wenn'),
  past: words('gestern|vorgestern|letzte (?:woche|nacht)|letzten \\p{L}+|vor \\p{L}+ (?:tagen|wochen)'),
  handover: words('stattdessen|lieber|doch'),
  pointsAway: opening('es|das|dies|sie|er'),
  topicLead: /^(?:was ist mit|wie steht es um|nächster punkt|nächstes thema|zu)(?!\p{L})[,:\s]*/iu,
  topicTail: nothing,
  pronounObject: words('es|ihn|diese[rsnm]?'),
  taskTail:
    /(?:[,\s]+(?:bitte|okay|ok|ja|dann|danke|oder|gerne|und|weil(?!\p{L}).*|damit(?!\p{L}).*|sonst(?!\p{L}).*|denn(?!\p{L}).*|wenn(?!\p{L}).*)|\s*[,.;:!?–—-]+)\s*$/iu,
  acceptance: opening(
    'ja|klar|gerne?|okay|ok|mache ich|mach ich|natürlich|sicher|in ordnung|kein problem|geht klar|wird gemacht|passt|einverstanden|alles klar|super|danke',
  ),
  refusal: opening(
    '(?:(?:leider|tut mir leid|sorry)[,.\\s]+)*(?:nein|leider|das geht nicht|ich kann nicht|kann ich nicht|ich habe keine zeit|nicht)',
  ),
  done: words('schon (?:gemacht|erledigt|geschickt)|habe ich schon'),
  thanks: String.raw`^(?:danke|super|prima|perfekt),?\s+(?<thanked>{name})`,
  retraction: words(
    'vergiss (?:das|es)|vergessen wir das|doch nicht|streich das|lass(?:en wir)? das|hat sich erledigt|nicht mehr nötig|brauchen wir (?:das )?nicht',
  ),
  namesRetracted: nothing,
  reschedule: words('lieber|besser|stattdessen|doch|sagen wir|reicht|passt|geht|spätestens'),
  negation: words('nicht|kein|keine|keinen|keinem|keiner|nie|niemals|niemand|nichts|ohne|weder'),
  notProgress: nothing,
  recap: words('zusammengefasst|zusammenfassend|fassen wir zusammen|die aufgaben|nächste schritte'),
  decisions: {
    explicit: [
      words(
        '(?:wir|das team|der vorstand)\\s+(?:haben|hat)\\s+(?:uns\\s+|sich\\s+|heute\\s+|jetzt\\s+|also\\s+)*(?:[^.?!]*\\s)?(?:beschlossen|entschieden|vereinbart|geeinigt|festgelegt)',
      ),
      words(
        '(?:die|unsere)\\s+entscheidung\\s+(?:ist|lautet)|beschlossen ist|es bleibt (?:bei|beim)|ist (?:damit )?(?:beschlossen|entschieden|abgemacht)',
      ),
      words(
        'wir\\s+(?:machen|nehmen|verschieben|behalten|streichen|bleiben bei|starten|entscheiden uns|einigen uns)',
      ),
    ],
    together: nothing,
    concluded: nothing,
    fragment: nothing,
    not: words(
      '(?:noch nicht|nicht|nie|noch nichts)\\s+(?:beschlossen|entschieden|vereinbart|geeinigt|festgelegt)|letzte woche|letzten monat|damals',
    ),
    proposal: words(
      'ich schlage vor|mein vorschlag|wie wäre es|wir könnten|sollen wir|wollen wir|lass(?:t)? uns|ich bin dafür|wir sollten|was haltet ihr davon',
    ),
    alternatives: /(?<!\p{L})(?:oder)\s+(?!not(?!\p{L}))\p{L}/iu,
    hedged: words('irgendwann|vielleicht|eventuell|mal'),
    proposalLead: opening('ich schlage vor,?|mein vorschlag (?:ist|wäre),?|dann'),
    continued: nothing,
    pointsBack: opening(
      '(?:(?:okay|gut|ja|dann|super)[,.\\s]+)*(?:das ist (?:beschlossen|entschieden|abgemacht)|so machen wir (?:es|das)|machen wir so|abgemacht|einverstanden)',
    ),
    settled: words('beschlossen|entschieden|abgemacht'),
    agreement: opening(
      'einverstanden|ja|klar|gute idee|passt|abgemacht|machen wir|so machen wir|okay|ok|gerne|stimmt|genau|dafür|klingt gut|in ordnung|super',
    ),
    rejection: opening(
      'nein|lieber nicht|ich weiß nicht|nicht|das ist zu|zu (?:teuer|früh|spät)|ich bin dagegen|aber|ich glaube nicht|vielleicht|warten wir',
    ),
  },
  questions: {
    opening: opening(
      'wer|was|wann|wo|warum|wieso|wie|welche[rsn]?|haben wir|ist das|sind|können wir|wissen wir',
    ),
    rhetorical:
      /(?:\b(?:oder|ja|okay|nicht wahr|gell)\?$)|^(?:alles klar|noch fragen|hört ihr mich|könnt ihr mich hören|wie geht)\b[^?]{0,30}\?$/iu,
    unknown: words(
      'weiß (?:ich )?nicht|keine ahnung|wissen wir (?:noch )?nicht|gute frage|unklar|müssen wir (?:noch )?klären|das klären wir|noch offen|mal sehen|kommt darauf an',
    ),
    explicit: words(
      'offene frage|noch (?:offen|unklar),? (?:ob|wer|wann|wie|was|wo)|(?:wir wissen|ich weiß) (?:noch )?nicht,? (?:ob|wer|wann|wie|was|wo)|müssen (?:wir )?noch klären,? (?:ob|wer|wann|wie|was|wo)',
    ),
    moveOn: opening('nächster punkt|nächstes thema|weiter|kommen wir|jedenfalls|danke|tschüss'),
  },
  procedural: words(
    'fangen wir an|legen wir los|machen wir weiter|kommen wir zu|schauen wir|reden wir|sprechen wir|machen wir (?:eine )?pause',
  ),
  emphasis: words(
    'wichtig(?:er|ste[rsn]?)?|entscheidend|kritisch|dringend|unbedingt|das problem ist|risiko|größte[rsn]?|prozent|millionen?|tausend|auf keinen fall|deadline|frist',
  ),
  notTitle: words(
    '.*(?:en|st)|heute|morgen|woche|wochen|tag|tage|monat|jahr|uhr|problem|frage|punkt|thema|leute|sache',
  ),
  clinical: {
    announced: opening(
      '(?<subjective>subjektiv|anamnese|beschwerden)|(?<objective>objektiv|befund|untersuchung)|(?<assessment>beurteilung|diagnose)|(?<plan>plan|therapie|procedere)',
    ),
    subjective: words(
      'ich habe|ich fühle|mir ist|schmerz(?:en)?|kopfschmerzen|bauchschmerzen|übel(?:keit)?|schwindel|schwindlig|müde|husten|fieber|juckt|brennt|seit (?:gestern|\\p{L}+ tagen|\\p{L}+ wochen|montag)|patient(?:in)? (?:klagt|berichtet|gibt an)|tut weh|schlafe|appetit|allergi\\p{L}+',
    ),
    objective: words(
      'blutdruck|puls|temperatur|sauerstoffsättigung|grad|lunge|herz|abdomen|bauch weich|druckschmerz|geschwollen|gerötet|röntgen|ekg|labor|blutbild|zu \\p{L}+ (?:sehen|hören)|unauffällig|\\d+ zu \\d+',
    ),
    assessment: words(
      'diagnose|verdacht auf|wahrscheinlich|vermutlich|spricht für|vereinbar mit|infekt|grippe|entzündung|beurteilung|sieht aus wie|handelt es sich',
    ),
    plan: words(
      'verschreib\\p{L}+|milligramm|mg|einmal täglich|zweimal täglich|dreimal täglich|kontrolle|wiedervorstellung|überweis\\p{L}+|termin|schonen|trinken sie|nehmen sie|kommen sie|wir machen|krankschreib\\p{L}+|in (?:einer|zwei|drei|vier) wochen?',
    ),
  },
};
