import { es as chrono } from 'chrono-node';
import { type NotesLanguage, nothing, opening, wordList, words } from './language.ts';

const task = String.raw`(?=\s+\p{L})`;

export const es: NotesLanguage = {
  code: 'es',
  locale: 'es-ES',
  headings: {
    summary: 'Resumen',
    decisions: 'Decisiones',
    actions: 'Tareas',
    questions: 'Preguntas abiertas',
    moments: 'Momentos clave',
    answers: 'Preguntas y respuestas',
    subjective: 'Subjetivo',
    objective: 'Objetivo',
    assessment: 'Evaluación',
    plan: 'Plan',
    about: 'Notas',
  },
  phrases: {
    unknown: 'desconocido',
    nothing: 'Nada.',
    noSpeech: 'En esta grabación no se dijo nada.',
    and: 'y',
    recordingOf: 'Grabación del',
    due: 'vence',
    marked: 'Marcado',
    languageModelFailed: 'No se pudo usar el modelo de lenguaje; estas notas se escribieron sin él.',
    droppedLines: (count) =>
      `${count === 1 ? 'Se omitió' : 'Se omitieron'} ${count} ${count === 1 ? 'línea' : 'líneas'} del modelo de lenguaje sin respaldo.`,
    templateFailed: 'No se pudo leer la plantilla; se usó la plantilla «meeting».',
  },
  parseDates: (text, reference) => chrono.parse(text, reference, { forwardDate: true }),
  deadlines: words(
    String.raw`(?:antes de|después de|hasta)\s*(?:la|el|l)\s+\p{L}+|antes del\s+\p{L}+|lo antes posible|cuanto antes|hoy|mañana|pasado mañana|esta semana|la (?:próxima semana|semana que viene)|este mes|el (?:próximo mes|mes que viene)`,
  ),
  deadlineLead: /(?<!\p{L})(?:(?:antes del?|para|hasta|a más tardar|desde|el)\s+(?:el\s+|la\s+)*)+$/iu,
  endOf:
    /(?<!\p{L})(?:(?:antes del?|para|a)\s+)?(?:el\s+)?(?:fin|final|finales)\s+(?:de\s+|del\s+|de\s+la\s+)(?:este\s+|esta\s+)?(día|semana|mes|trimestre|año)(?!\p{L})/iu,
  stopWords: wordList(
    `a al algo alguien ante antes así aún aunque bien cada casi como cómo con cual cuál cuando cuándo de del desde donde
    dónde dos e el él ella ellas ellos en entonces era es esa ese eso esta está estaba están estar este esto estos
    fue ha hace hacer han hasta hay he la las le les lo los más me mi mis mucho muy nada ni no nos nosotros o os otra
    otro para pero poco por porque pues puede pueden puedes podemos podría que qué quien quién se sea ser si sí sido sin
    sobre son su sus también tan te tener tengo tiene tienen todo todos tu tus un una uno unos vamos va van voy y ya yo
    vale bueno claro gracias entonces hoy mañana estamos usted ustedes después durante primero primera`,
  ),
  spellings: [],
  sentenceStarts: /(?!)/gu,
  fillers: /(?<![\p{L}'’-])(?:eh+|este+(?=,)|em+|mmm*)(?![\p{L}'’-])[,.…]*/giu,
  openers: opening(
    String.raw`(?:vale|bueno|pues|entonces|bien|sí|no|y|pero|luego|claro|gracias|perfecto|genial|ok|okay|así que|de acuerdo)[,.!:;\s]+(?=[¿¡]?\p{L})|[¿¡]`,
  ),
  runBreaks:
    /(?<=\s)(?:bueno|entonces|y luego|hemos decidido|tenemos que|hay que|voy a|puedes|podrías)(?=\s)/giu,
  teams: String.raw`(?:el\s+equipo(?:\s+de\s+\p{L}+)?|el\s+departamento\s+de\s+\p{L}+|marketing|contabilidad|recursos\s+humanos)`,
  acronymTeams: [],
  forms: 'señora?|don|doña',
  personContexts: [
    String.raw`(?:^|[,.;:?!¿¡]\s?){word},\s¿?(?:puedes|podrías|puede|podría|tienes|debes|por)\s`,
    String.raw`(?:^|[,.;:?!]\s|\b[Yy]\s){word}\s(?:va\sa|tiene\sque|debe|puede|se\sencarga|enviará|prepara)\s`,
    String.raw`,\s{word}[.?!]$`,
    String.raw`\b(?:[Gg]racias|[Hh]ola),?\s{word}[,.!?]`,
  ],
  notPeople: wordList(
    'lunes martes miércoles jueves viernes sábado domingo enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre alguien nadie todos',
  ),
  tasks: [
    { kind: 'charge', who: 'nobody', pattern: String.raw`(?:tarea|acción|pendiente)\s*:` },
    {
      kind: 'request',
      who: 'named',
      pattern: String.raw`{who},?\s+¿?(?:puedes|podrías|puede|podría)${task}`,
    },
    { kind: 'request', who: 'named', pattern: String.raw`{who},?\s+por\s+favor,?${task}` },
    { kind: 'promise', who: 'named', pattern: String.raw`{who},?\s+(?:tienes\s+que|debes|vas\s+a)${task}` },
    {
      kind: 'promise',
      who: 'named',
      pattern: String.raw`{who}\s+(?:va\s+a|van\s+a|tiene\s+que|tienen\s+que|debe|deberá)${task}`,
    },
    {
      kind: 'charge',
      who: 'named',
      pattern: String.raw`{who}\s+(?:se\s+encarga\s+de|se\s+ocupa\s+de|es\s+responsable\s+de)`,
    },
    {
      kind: 'charge',
      who: 'named',
      pattern: String.raw`{who}(?=\s+(?:enviará|envía|preparará|prepara|escribirá|llamará|revisará|revisa|reservará|terminará|organizará|hablará)\s)`,
    },
    {
      kind: 'request',
      who: 'nobody',
      pattern: String.raw`¿?quién\s+(?:puede|se\s+encarga\s+de|quiere)${task}`,
    },
    {
      kind: 'request',
      who: 'addressee',
      pattern: String.raw`¿?(?:puedes|podrías|alguien\s+puede|puede\s+alguien)${task}`,
    },
    { kind: 'promise', who: 'speaker', pattern: String.raw`(?:yo\s+)?voy\s+a${task}` },
    { kind: 'charge', who: 'speaker', pattern: String.raw`(?:yo\s+)?me\s+(?:encargo|ocupo)\s+de${task}` },
    {
      kind: 'charge',
      who: 'speaker',
      pattern: String.raw`(?:yo\s+)?(?=(?:te\s+|os\s+|le\s+|les\s+|lo\s+|la\s+)?(?:enviaré|mandaré|prepararé|escribiré|llamaré|revisaré|reservaré|terminaré|haré|hablaré)\s)`,
    },
    { kind: 'need', who: 'speaker', pattern: String.raw`(?:yo\s+)?(?:tengo\s+que|debo)${task}` },
    { kind: 'offer', who: 'speaker', pattern: String.raw`(?:yo\s+)?(?:puedo|podría)${task}` },
    {
      kind: 'need',
      who: 'nobody',
      pattern: String.raw`(?:hay\s+que|tenemos\s+que|debemos|alguien\s+tiene\s+que|habría\s+que)${task}`,
    },
  ],
  clauseStart: String.raw`[,;:.!?–—-]\s*|(?<!\p{L})(?:y|pero|luego|que|entonces|sí|vale)\s+`,
  clauseJoint: /[\s,;]*(?:(?<!\p{L})(?:y|pero|luego))?[\s,;]*$/iu,
  notTasks: opening(
    String.raw`\s*(?:decir|ver|pensar|ser|estar|no|empezar|hablar\s+de|oírme|escucharme|repetir|creer|saber)`,
  ),
  decisionVerbs: nothing,
  haveReady: nothing,
  dayOfMonth: nothing,
  hypothetical: words('quizás?|tal vez|si|a lo mejor|habría|sería|algún día|en teoría|hubiera'),
  soft: words('habría|podría|debería'),
  mereQuestion: nothing,
  pronounTask: /^\s*(?:hacerlo|encargarme|encargarse|eso|esto|lo|la)?(?:\s+(?:eso|esto))?[\s.,!?]*$/iu,
  agenda: nothing,
  absence: nothing,
  bareTask: nothing,
  conditional: words('siempre que'),
  past: words('ayer|anteayer|la semana pasada|el mes pasado|hace'),
  handover: words('mejor|en su lugar'),
  pointsAway: opening('eso|esto|él|ella|ellos|es'),
  topicLead: /^(?:¿?y|qué hay de|sobre|siguiente punto|en cuanto a)(?!\p{L})[,:\s]*/iu,
  topicTail: nothing,
  pronounObject: words('eso|esto|\\p{L}+(?:ar|er|ir)l[oae]s?'),
  taskTail:
    /(?:[,\s]+(?:por favor|vale|de acuerdo|gracias|entonces|y|porque .*|para que .*|si .*)|\s*[,.;:!?–—-]+)\s*$/iu,
  acceptance: opening(
    'sí|claro|por supuesto|vale|de acuerdo|ok|okay|sin problema|yo me encargo|me encargo|con gusto|perfecto|muy bien|hecho|gracias',
  ),
  refusal: opening(
    '(?:(?:lo siento|perdón|lamentablemente)[,.\\s]+)*(?:no|lo siento|no puedo|imposible|no tengo tiempo)',
  ),
  done: words('ya (?:lo|la) (?:he|hice)|ya está hecho'),
  thanks: String.raw`^(?:gracias|perfecto|genial),?\s+(?<thanked>{name})`,
  retraction: words(
    'olvídalo|olvidad eso|olvida eso|déjalo|mejor no|al final no|ya no (?:hace falta|es necesario)|no hace falta|cancela eso',
  ),
  namesRetracted: nothing,
  reschedule: words('mejor|digamos|en realidad|a más tardar|está bien'),
  negation: words('no|nunca|jamás|nadie|nada|ningún|ninguna|sin|tampoco|ni'),
  notProgress: nothing,
  recap: words('en resumen|resumiendo|para resumir|recapitulando|próximos pasos'),
  decisions: {
    explicit: [
      words(
        '(?:hemos|se ha|han)\\s+(?:decidido|acordado|elegido|aprobado|optado)|(?:decidimos|acordamos|quedamos en)',
      ),
      words(
        '(?:la|nuestra)\\s+decisión\\s+es|está decidido|queda (?:decidido|aprobado)|nos quedamos con|mantenemos|aplazamos|cancelamos',
      ),
    ],
    together: nothing,
    concluded: nothing,
    fragment: nothing,
    not: words(
      '(?:no|aún no|todavía no)\\s+(?:hemos|se ha)\\s+(?:decidido|acordado)|la semana pasada|el mes pasado',
    ),
    proposal: words('propongo|sugiero|podríamos|deberíamos|y si|qué tal si|qué os parece|por qué no|vamos a'),
    alternatives: /(?<!\p{L})(?:o|u)\s+(?!not(?!\p{L}))\p{L}/iu,
    hedged: words('quizás?|tal vez|algún día|a lo mejor'),
    proposalLead: opening('propongo que|propongo|sugiero que|sugiero|entonces'),
    continued: nothing,
    pointsBack: opening(
      '(?:(?:vale|bueno|bien|sí|entonces)[,.\\s]+)*(?:decidido|así lo hacemos|queda decidido|hecho|aprobado)',
    ),
    settled: words('decidido|aprobado'),
    agreement: opening(
      'de acuerdo|sí|claro|buena idea|me parece bien|perfecto|vale|ok|exacto|aprobado|hecho|estoy de acuerdo|muy bien',
    ),
    rejection: opening('no|no creo|es demasiado|demasiado|pero|mejor no|quizás?|ya veremos'),
  },
  questions: {
    opening: opening('quién|qué|cuándo|dónde|por qué|cómo|cuánto|cuántos|cuál|¿'),
    rhetorical:
      /(?:(?:verdad|no|vale|de acuerdo|eh)\?$)|^¿?(?:me oís|me oyes|me escuchan|alguna pregunta|cómo estáis|qué tal)[^?]{0,30}\?$/iu,
    unknown: words(
      'no (?:lo )?sé|no sabemos|ni idea|buena pregunta|no estoy segur[oa]|ya veremos|hay que (?:ver|comprobar|averiguar)|no está claro|depende',
    ),
    explicit: words(
      'pregunta abierta|(?:no sabemos|no sé) (?:todavía )?(?:si|quién|cuándo|cómo|qué|dónde)|falta (?:saber|decidir) (?:si|quién|cuándo|cómo)',
    ),
    moveOn: opening('siguiente punto|pasemos|en fin|gracias a todos|adiós'),
  },
  procedural: words('empecemos|vamos a empezar|pasemos a|hablemos de|veamos|hagamos una pausa|seguimos'),
  emphasis: words(
    'importantes?|esencial|crítico|urgente|el problema es|riesgo|lo más \\p{L}+|por ciento|millones|millón|de ninguna manera|sobre todo|plazo',
  ),
  notTitle: words(
    '.*(?:ar|er|ir|ando|iendo|amos|emos)|semana|semanas|día|días|mes|año|hora|problema|pregunta|cosa|gente|punto',
  ),
  clinical: {
    announced: opening(
      '(?<subjective>subjetivo|motivo|anamnesis)|(?<objective>objetivo|exploración|examen)|(?<assessment>evaluación|diagnóstico|impresión)|(?<plan>plan|tratamiento)',
    ),
    subjective: words(
      'me duele|tengo (?:dolor|fiebre|tos|náuseas)|me siento|dolor(?:es)?|náuseas?|mareos?|cansad[oa]|fiebre|tos|desde (?:ayer|hace)|hace \\p{L}+ (?:días|semanas)|(?:el|la) paciente (?:refiere|se queja|dice|niega)|apetito|alergi\\p{L}+',
    ),
    objective: words(
      'presión|tensión|pulso|temperatura|saturación|grados|pulmones|corazón|abdomen|auscultación|palpación|hinchad[oa]|enrojecimiento|radiografía|electrocardiograma|análisis|exploración|\\d+ sobre \\d+',
    ),
    assessment: words(
      'diagnóstico|probablemente|probable|sugiere|compatible con|sospecha|infección|gripe|inflamación|se trata de|parece',
    ),
    plan: words(
      'recet\\p{L}+|miligramos|mg|una vez al día|dos veces al día|tres veces al día|control|revisión|cita|derivar|reposo|beba|tome|vuelva|en (?:una|dos|tres|cuatro) semanas?|vamos a',
    ),
  },
};
