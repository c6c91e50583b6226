import { fr as chrono } from 'chrono-node';
import { type NotesLanguage, nothing, opening, wordList, words } from './language.ts';

const task = String.raw`(?=\s+\p{L})`;

export const fr: NotesLanguage = {
  code: 'fr',
  locale: 'fr-FR',
  headings: {
    summary: 'Résumé',
    decisions: 'Décisions',
    actions: 'Actions à mener',
    questions: 'Questions ouvertes',
    moments: 'Moments clés',
    answers: 'Questions et réponses',
    subjective: 'Subjectif',
    objective: 'Objectif',
    assessment: 'Évaluation',
    plan: 'Plan',
    about: 'Notes',
  },
  phrases: {
    unknown: 'inconnu',
    nothing: 'Aucun élément.',
    noSpeech: 'Rien n’a été dit dans cet enregistrement.',
    and: 'et',
    recordingOf: 'Enregistrement du',
    due: 'échéance',
    marked: 'Marqué',
    languageModelFailed: 'Le modèle de langage n’a pas pu être utilisé ; ces notes ont été écrites sans lui.',
    droppedLines: (count) =>
      `${count} ${count === 1 ? 'ligne' : 'lignes'} du modèle de langage sans preuve ${count === 1 ? 'a été écartée' : 'ont été écartées'}.`,
    templateFailed: 'Le modèle de notes n’a pas pu être lu ; le modèle « meeting » a été utilisé.',
  },
  parseDates: (text, reference) => chrono.parse(text, reference, { forwardDate: true }),
  deadlines: words(
    String.raw`(?:avant|après|d['’]ici(?:\s+à)?|jusqu['’](?:à|au))\s+(?:la|le|les|l['’])\s*\p{L}+|dès que possible|au plus vite|aujourd['’]hui|demain|après-demain|cette semaine|la semaine prochaine|ce mois-ci|le mois prochain`,
  ),
  deadlineLead:
    /(?<!\p{L})(?:(?:avant|pour|d['’]ici(?:\s+à)?|jusqu['’](?:à|au)|dès|au plus tard|à partir de|le)\s+(?:le\s+|la\s+)*)+$/iu,
  endOf:
    /(?<!\p{L})(?:(?:avant|d['’]ici|pour)\s+)?(?:la\s+)?fin\s+(?:de\s+|du\s+|de\s+la\s+|de\s+l['’])(journée|semaine|mois|trimestre|année)(?!\p{L})/iu,
  stopWords: wordList(
    `a à au aux avec avais avait avez avoir avons c'est car ce cela ces cet cette chez ci comme comment d dans de des
    dire dit donc dont du elle elles en encore est et étaient était été être eu fait faire faut il ils j j'ai je la là le
    les leur leurs lui ma mais me même mes moi mon n ne nos notre nous on ont ou où par parce pas peu peut plus pour
    pourquoi qu quand que quel quelle quels qui quoi s sa sans se sera ses si son sont sur ta te tes toi ton tous tout
    toute toutes très tu un une va vais vas vers voilà vont vos votre vous y oui non bon bien d'accord alors merci
    aussi ça qu'on qu'il c'était n'est l'on d'un d'une demain aujourd'hui peux pouvez peut-être avant après pendant depuis premier première quelqu'un`,
  ),
  spellings: [],
  sentenceStarts: /(?!)/gu,
  fillers: /(?<![\p{L}'’-])(?:euh+|heu+|hum+|ben|bah)(?![\p{L}'’-])[,.…]*/giu,
  openers: opening(
    String.raw`(?:ok|okay|alors|donc|bon|bien|oui|non|et|mais|puis|voilà|d['’]accord|merci|parfait|super|très bien|ensuite)[,.!:;\s]+(?=\p{L})`,
  ),
  runBreaks: /(?<=\s)(?:alors|donc on|et puis|on a décidé|il faut|je vais|tu peux|vous pouvez)(?=\s)/giu,
  teams: String.raw`(?:l['’]équipe(?:\s+\p{L}+)?|le\s+service\s+\p{L}+|le\s+marketing|la\s+comptabilité|la\s+direction)`,
  acronymTeams: [],
  forms: 'monsieur|madame',
  personContexts: [
    String.raw`(?:^|[,.;:?!]\s){word},\s(?:tu|vous|peux|pouvez|pourrais|pourriez|est-ce)\s`,
    String.raw`(?:^|[,.;:?!]\s|\b[Ee]t\s){word}\s(?:va|doit|peut|s['’]occupe|enverra|prépare)\s`,
    String.raw`\b(?:[Mm]onsieur|[Mm]adame)\s{word}`,
    String.raw`,\s{word}\s?[.?!]$`,
    String.raw`\b(?:[Mm]erci|[Bb]onjour),?\s{word}[,.!?]`,
  ],
  notPeople: wordList(
    'lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril mai juin juillet août septembre octobre novembre décembre on quelqu personne tout le la les',
  ),
  tasks: [
    { kind: 'charge', who: 'nobody', pattern: String.raw`(?:action|à\s+faire|tâche)\s*:` },
    {
      kind: 'request',
      who: 'named',
      pattern: String.raw`{who},?\s+(?:est-ce\s+que\s+)?(?:tu\s+peux|tu\s+pourrais|vous\s+pouvez|vous\s+pourriez|peux-tu|pourrais-tu|pouvez-vous|pourriez-vous)${task}`,
    },
    {
      kind: 'request',
      who: 'named',
      pattern: String.raw`{who},?\s+(?:s['’]il\s+(?:te|vous)\s+plaît,?)${task}`,
    },
    {
      kind: 'promise',
      who: 'named',
      pattern: String.raw`{who},?\s+(?:tu\s+dois|tu\s+vas|vous\s+devez|vous\s+allez)${task}`,
    },
    { kind: 'promise', who: 'named', pattern: String.raw`{who}\s+(?:va|vont|doit|doivent|devra)${task}` },
    {
      kind: 'charge',
      who: 'named',
      pattern: String.raw`{who}\s+(?:s['’]occupe\s+(?:de|du|des)|se\s+charge\s+(?:de|du|des)|est\s+responsable\s+(?:de|du|des))`,
    },
    {
      kind: 'charge',
      who: 'named',
      pattern: String.raw`{who}(?=\s+(?:enverra|envoie|prépare|préparera|écrit|écrira|appelle|appellera|vérifie|vérifiera|réserve|réservera|finit|finira|organise)\s)`,
    },
    { kind: 'offer', who: 'named', pattern: String.raw`{who}\s+(?:peut|pourrait)${task}` },
    {
      kind: 'request',
      who: 'nobody',
      pattern: String.raw`qui\s+(?:peut|veut|s['’]occupe\s+de|se\s+charge\s+de)${task}`,
    },
    {
      kind: 'request',
      who: 'addressee',
      pattern: String.raw`(?:est-ce\s+que\s+)?(?:tu\s+peux|tu\s+pourrais|vous\s+pouvez|vous\s+pourriez|peux-tu|pourrais-tu|pouvez-vous|pourriez-vous|quelqu['’]un\s+peut)${task}`,
    },
    { kind: 'promise', who: 'speaker', pattern: String.raw`je\s+vais${task}` },
    {
      kind: 'charge',
      who: 'speaker',
      pattern: String.raw`je\s+(?:m['’]occupe|me\s+charge)\s+(?:de|du|des)${task}`,
    },
    {
      kind: 'charge',
      who: 'speaker',
      pattern: String.raw`(?:je|j['’])(?=\s*(?:t['’]|vous\s+|te\s+|lui\s+|leur\s+)?(?:enverrai|préparerai|écrirai|appellerai|vérifierai|réserverai|finirai|organiserai|ferai)\s)`,
    },
    { kind: 'need', who: 'speaker', pattern: String.raw`je\s+dois${task}` },
    { kind: 'offer', who: 'speaker', pattern: String.raw`je\s+(?:peux|pourrais)${task}` },
    {
      kind: 'need',
      who: 'nobody',
      pattern: String.raw`(?:il\s+faut|il\s+faudrait|on\s+doit|nous\s+devons|quelqu['’]un\s+doit)(?:\s+qu['’]on)?${task}`,
    },
  ],
  clauseStart: String.raw`[,;:.!?–—-]\s*|(?<!\p{L})(?:et|mais|puis|que|donc|alors|oui|ok)\s+`,
  clauseJoint: /[\s,;]*(?:(?<!\p{L})(?:et|mais|puis))?[\s,;]*$/iu,
  notTasks: opening(
    String.raw`\s*(?:dire|voir|penser|être|pas|ne|commencer|parler|m['’]entendre|nous\s+entendre|répéter|croire|savoir)`,
  ),
  decisionVerbs: nothing,
  haveReady: nothing,
  dayOfMonth: nothing,
  hypothetical: words("peut-être|si|éventuellement|aurait|auraient|serait|un jour|en théorie|j['’]aurais"),
  soft: words('faudrait|pourrait|pourrais|devrait'),
  mereQuestion: nothing,
  pronounTask: /^\s*(?:(?:le|la|les|l['’]|ça|cela)\s*)?(?:faire|prendre|ça|cela)?(?:\s+ça)?[\s.,!?]*$/iu,
  agenda: nothing,
  absence: nothing,
  bareTask: nothing,
  conditional: words('à condition'),
  past: words('hier|avant-hier|la semaine dernière|le mois dernier|il y a'),
  handover: words('plutôt|à sa place|finalement'),
  pointsAway: opening("il|elle|ça|cela|c['’]est|ils|elles"),
  topicLead: /^(?:et pour|et|concernant|pour|point suivant)(?!\p{L})[,:\s]*/iu,
  topicTail: nothing,
  pronounObject: words("ça|cela|l['’](?=\\p{L}+er)|celui-ci|celle-ci"),
  taskTail:
    /(?:[,\s]+(?:s['’]il (?:te|vous) plaît|ok|d['’]accord|merci|alors|et|parce que.*|pour que.*|sinon.*|car .*|si .*)|\s*[,.;:!?–—-]+)\s*$/iu,
  acceptance: opening(
    "oui|bien sûr|d['’]accord|ok|okay|pas de problème|je m['’]en occupe|avec plaisir|entendu|ça marche|très bien|parfait|volontiers|merci",
  ),
  refusal: opening(
    "(?:(?:désolée?|malheureusement)[,.\\s]+)*(?:non|je ne peux pas|désolée?|malheureusement|pas possible|je n['’]ai pas le temps)",
  ),
  done: words("(?:j|c)[’']?(?:ai|est) déjà fait|déjà (?:fait|envoyé)"),
  thanks: String.raw`^(?:merci|parfait|super),?\s+(?<thanked>{name})`,
  retraction: words(
    "laisse(?:z)? tomber|oublie(?:z)? ça|oublions|finalement non|annule(?:z)? ça|on n['’]en a (?:plus|pas) besoin|ce n['’]est (?:plus|pas) nécessaire",
  ),
  namesRetracted: nothing,
  reschedule: words('plutôt|disons|finalement|au plus tard|ça marche|ça ira'),
  negation: words("ne|n['’]\\p{L}+|pas|jamais|personne|rien|aucune?|sans|ni"),
  notProgress: nothing,
  recap: words('pour résumer|en résumé|récapitulons|prochaines étapes|pour récapituler'),
  decisions: {
    explicit: [
      words(
        '(?:on|nous)\\s+(?:a|avons)\\s+(?:donc\\s+|tous\\s+)*(?:décidé|convenu|choisi|adopté|validé|opté)',
      ),
      words(
        "(?:la|notre)\\s+décision\\s+est|c['’]est décidé|c['’]est validé|on part sur|on garde|on reporte|on annule|nous gardons|nous reportons|nous retenons",
      ),
    ],
    together: nothing,
    concluded: nothing,
    fragment: nothing,
    not: words(
      "(?:pas encore|n['’](?:a|avons) (?:pas|rien))\\s+(?:décidé|convenu|choisi|validé)|la semaine dernière|le mois dernier",
    ),
    proposal: words(
      "je propose|je suggère|on pourrait|et si on|on devrait|pourquoi ne pas|qu['’]est-ce que vous pensez de|on va",
    ),
    alternatives: /(?<!\p{L})(?:ou)\s+(?!not(?!\p{L}))\p{L}/iu,
    hedged: words('peut-être|un jour|éventuellement'),
    proposalLead: opening("je propose (?:de |qu['’]on )?|je suggère (?:de |qu['’]on )?|alors|donc"),
    continued: nothing,
    pointsBack: opening(
      "(?:(?:ok|bon|bien|alors|oui)[,.\\s]+)*(?:c['’]est décidé|on fait (?:ça|comme ça)|c['’]est validé|adopté)",
    ),
    settled: words('décidé|validé|adopté'),
    agreement: opening(
      "d['’]accord|oui|bonne idée|ça (?:me )?va|ça marche|parfait|très bien|ok|okay|validé|adopté|entendu|je suis pour|exactement",
    ),
    rejection: opening(
      "non|je ne suis pas|je ne pense pas|c['’]est trop|trop (?:cher|tôt|tard)|mais|plutôt pas|peut-être|on verra",
    ),
  },
  questions: {
    opening: opening(
      "qui|que|quoi|quand|où|pourquoi|comment|combien|quels?|quelles?|est-ce que|qu['’]est-ce",
    ),
    rhetorical:
      /(?:(?:non|hein|n['’]est-ce pas|d['’]accord|ok)\s?\?$)|^(?:vous m['’]entendez|tu m['’]entends|ça va|des questions|comment allez)[^?]{0,30}\?$/iu,
    unknown: words(
      "je ne sais pas|on ne sait pas|aucune idée|bonne question|pas sûre?|on verra|à voir|il faut vérifier|ce n['’]est pas clair|ça dépend",
    ),
    explicit: words(
      'question ouverte|on ne sait (?:pas|toujours pas) (?:si|qui|quand|comment|quoi|où)|reste à (?:savoir|décider) (?:si|qui|quand|comment|où)',
    ),
    moveOn: opening('point suivant|passons|bref|sinon|merci à tous|au revoir'),
  },
  procedural: words('commençons|on commence|passons à|on y va|parlons de|regardons|faisons une pause'),
  emphasis: words(
    'importante?s?|essentiel(?:le)?|critique|urgente?|le problème est|risque|le plus \\p{L}+|pour cent|millions?|absolument|surtout|en aucun cas|délai',
  ),
  notTitle: words(
    '.*(?:er|ez|ait|ons)|semaine|semaines|jour|jours|mois|année|heure|problème|question|chose|gens|point',
  ),
  clinical: {
    announced: opening(
      '(?<subjective>subjectif|motif|anamnèse)|(?<objective>objectif|examen)|(?<assessment>évaluation|diagnostic)|(?<plan>plan|traitement|conduite à tenir)',
    ),
    subjective: words(
      "j['’]ai (?:mal|eu|de la|des)|je (?:me sens|suis fatiguée?|dors|tousse)|douleurs?|mal (?:à|au|aux)|nausées?|vertiges?|fatigue|fièvre|toux|depuis (?:hier|\\p{L}+ jours|\\p{L}+ semaines)|(?:le|la) patiente? (?:se plaint|rapporte|signale|décrit)|appétit|allergi\\p{L}+",
    ),
    objective: words(
      'tension|pouls|température|saturation|degrés|poumons|cœur|abdomen|auscultation|palpation|gonflée?|rougeur|radio|ecg|analyses?|prise de sang|examen|\\d+ sur \\d+',
    ),
    assessment: words(
      "diagnostic|probablement|probable|évoque|compatible avec|suspicion|infection|grippe|inflammation|il s['’]agit|ça ressemble",
    ),
    plan: words(
      'prescri\\p{L}+|milligrammes?|mg|une fois par jour|deux fois par jour|trois fois par jour|contrôle|revoir|rendez-vous|orienter|repos|buvez|prenez|revenez|arrêt de travail|dans (?:une|deux|trois|quatre) semaines?|on va',
    ),
  },
};
