import { pt as chrono } from 'chrono-node';
import { type NotesLanguage, nothing, opening, wordList, words } from './language.ts';

const task = String.raw`(?=\s+\p{L})`;

export const pt: NotesLanguage = {
  code: 'pt',
  locale: 'pt-PT',
  headings: {
    summary: 'Resumo',
    decisions: 'Decisões',
    actions: 'Tarefas',
    questions: 'Perguntas em aberto',
    moments: 'Momentos-chave',
    answers: 'Perguntas e respostas',
    subjective: 'Subjetivo',
    objective: 'Objetivo',
    assessment: 'Avaliação',
    plan: 'Plano',
    about: 'Notas',
  },
  phrases: {
    unknown: 'desconhecido',
    nothing: 'Nada.',
    noSpeech: 'Nada foi dito nesta gravação.',
    and: 'e',
    recordingOf: 'Gravação de',
    due: 'prazo',
    marked: 'Marcado',
    languageModelFailed: 'Não foi possível usar o modelo de linguagem; estas notas foram escritas sem ele.',
    droppedLines: (count) =>
      `${count} ${count === 1 ? 'linha' : 'linhas'} do modelo de linguagem sem evidência ${count === 1 ? 'foi omitida' : 'foram omitidas'}.`,
    templateFailed: 'Não foi possível ler o modelo de notas; foi usado o modelo “meeting”.',
  },
  parseDates: (text, reference) => chrono.parse(text, reference, { forwardDate: true }),
  deadlines: words(
    String.raw`(?:antes d[oa]|depois d[oa]|até [ao]?)\s*\p{L}+|o mais (?:rápido|cedo) possível|quanto antes|hoje|amanhã|depois de amanhã|esta semana|(?:a )?(?:próxima semana|semana que vem)|este mês|(?:o )?(?:próximo mês|mês que vem)`,
  ),
  deadlineLead:
    /(?<!\p{L})(?:(?:antes d[eoa]|para|até|no máximo|a partir de|na|no|em)\s+(?:a\s+|o\s+|à\s+|ao\s+)*)+$/iu,
  endOf:
    /(?<!\p{L})(?:(?:até|antes d[oe]|para)\s+)?(?:o\s+|ao\s+)?(?:fim|final)\s+(?:de\s+|do\s+|da\s+)(dia|semana|mês|trimestre|ano)(?!\p{L})/iu,
  stopWords: wordList(
    `a à ao aos as às até cada com como da das de dela dele deles depois do dos e é ela elas ele eles em então entre era
    essa esse esta está estamos estão estar este eu fazer foi fomos for há isso isto já la lhe mais mas me mesmo meu
    minha muito na nas não nem no nos nós nossa nosso num numa o os ou para pela pelo pode podemos podem podia por porque
    pra qual quando que quem se seja sem ser seu seus só são sobre sua suas também te tem temos tenho ter tinha tu um uma
    vai vamos vão você vocês vou sim bem bom certo obrigado obrigada hoje amanhã aqui ali onde antes durante primeiro primeira`,
  ),
  spellings: [],
  sentenceStarts: /(?!)/gu,
  fillers: /(?<![\p{L}'’-])(?:hum+|hã|ahn?|eh+|né(?=,))(?![\p{L}'’-])[,.…]*/giu,
  openers: opening(
    String.raw`(?:ok|okay|bom|bem|então|sim|não|e|mas|depois|certo|pronto|obrigad[oa]|perfeito|ótimo|tá bom|está bem)[,.!:;\s]+(?=\p{L})`,
  ),
  runBreaks: /(?<=\s)(?:então|e depois|decidimos|temos que|é preciso|vou|podes|você pode)(?=\s)/giu,
  teams: String.raw`(?:a\s+equipe?a?(?:\s+de\s+\p{L}+)?|o\s+departamento\s+de\s+\p{L}+|o\s+marketing|a\s+contabilidade)`,
  acronymTeams: [],
  forms: 'o|a|senhora?|dona',
  personContexts: [
    String.raw`(?:^|[,.;:?!]\s){word},\s(?:podes|pode|poderia|você|consegues|tens|por)\s`,
    String.raw`(?:^|[,.;:?!]\s|\b[EeOoAa]\s){word}\s(?:vai|tem\sque|tem\sde|deve|pode|trata|envia|prepara)\s`,
    String.raw`,\s{word}[.?!]$`,
    String.raw`\b(?:[Oo]brigad[oa]|[Oo]lá),?\s{word}[,.!?]`,
  ],
  notPeople: wordList(
    'segunda terça quarta quinta sexta sábado domingo janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro alguém ninguém todos',
  ),
  tasks: [
    { kind: 'charge', who: 'nobody', pattern: String.raw`(?:tarefa|ação|pendência)\s*:` },
    {
      kind: 'request',
      who: 'named',
      pattern: String.raw`{who},?\s+(?:você\s+)?(?:podes|pode|poderia|consegues|consegue)${task}`,
    },
    { kind: 'request', who: 'named', pattern: String.raw`{who},?\s+por\s+favor,?${task}` },
    { kind: 'promise', who: 'named', pattern: String.raw`{who},?\s+(?:tens\s+(?:que|de)|deves|vais)${task}` },
    {
      kind: 'promise',
      who: 'named',
      pattern: String.raw`{who}\s+(?:vai|vão|tem\s+(?:que|de)|têm\s+(?:que|de)|deve)${task}`,
    },
    {
      kind: 'charge',
      who: 'named',
      pattern: String.raw`{who}\s+(?:trata\s+d[eoa]|cuida\s+d[eoa]|fica\s+responsável\s+por|é\s+responsável\s+por)`,
    },
    {
      kind: 'charge',
      who: 'named',
      pattern: String.raw`{who}(?=\s+(?:enviará|envia|prepara|escreve|liga|verifica|reserva|termina|organiza)\s)`,
    },
    { kind: 'request', who: 'nobody', pattern: String.raw`quem\s+(?:pode|trata\s+de|quer)${task}` },
    {
      kind: 'request',
      who: 'addressee',
      pattern: String.raw`(?:você\s+pode|podes|poderia|alguém\s+pode)${task}`,
    },
    { kind: 'promise', who: 'speaker', pattern: String.raw`(?:eu\s+)?vou${task}` },
    { kind: 'charge', who: 'speaker', pattern: String.raw`(?:eu\s+)?(?:trato|cuido)\s+d[eoa]${task}` },
    {
      kind: 'charge',
      who: 'speaker',
      pattern: String.raw`eu(?=\s+(?:envio|mando|preparo|escrevo|ligo|verifico|reservo|faço|termino)\s)`,
    },
    { kind: 'need', who: 'speaker', pattern: String.raw`(?:eu\s+)?(?:tenho\s+(?:que|de)|devo)${task}` },
    { kind: 'offer', who: 'speaker', pattern: String.raw`(?:eu\s+)?(?:posso|poderia)${task}` },
    {
      kind: 'need',
      who: 'nobody',
      pattern: String.raw`(?:é\s+preciso|temos\s+(?:que|de)|devemos|precisamos\s+de|alguém\s+tem\s+(?:que|de))${task}`,
    },
  ],
  clauseStart: String.raw`[,;:.!?–—-]\s*|(?<!\p{L})(?:e|mas|depois|que|então|sim)\s+`,
  clauseJoint: /[\s,;]*(?:(?<!\p{L})(?:e|mas|depois))?[\s,;]*$/iu,
  notTasks: opening(
    String.raw`\s*(?:dizer|ver|pensar|ser|estar|não|começar|falar\s+de|ouvir-me|me\s+ouvir|repetir|achar|saber)`,
  ),
  decisionVerbs: nothing,
  haveReady: nothing,
  dayOfMonth: nothing,
  hypothetical: words('talvez|se|quem sabe|teria|seria|um dia|em teoria|tivesse'),
  soft: words('poderia|deveria|devíamos'),
  mereQuestion: nothing,
  pronounTask: /^\s*(?:fazer|tratar|cuidar)?(?:\s*(?:isso|isto|disso|-lo|-la))?[\s.,!?]*$/iu,
  agenda: nothing,
  absence: nothing,
  bareTask: nothing,
  conditional: words('desde que'),
  past: words('ontem|anteontem|na semana passada|no mês passado|há'),
  handover: words('em vez|melhor'),
  pointsAway: opening('isso|isto|ele|ela|eles|é'),
  topicLead: /^(?:e quanto a|e|sobre|próximo ponto|quanto a)(?!\p{L})[,:\s]*/iu,
  topicTail: nothing,
  pronounObject: words('isso|isto|disso'),
  taskTail:
    /(?:[,\s]+(?:por favor|ok|certo|está bem|obrigad[oa]|então|e|porque .*|para que .*|se .*)|\s*[,.;:!?–—-]+)\s*$/iu,
  acceptance: opening(
    'sim|claro|com certeza|ok|okay|está bem|tá bom|sem problema|pode deixar|eu trato|combinado|perfeito|muito bem|certo|obrigad[oa]',
  ),
  refusal: opening(
    '(?:(?:desculpa|desculpe|infelizmente)[,.\\s]+)*(?:não|desculpa|infelizmente|não posso|impossível|não tenho tempo)',
  ),
  done: words('já (?:fiz|está feito|enviei)'),
  thanks: String.raw`^(?:obrigad[oa]|perfeito|ótimo),?\s+(?<thanked>{name})`,
  retraction: words(
    'esquece(?: isso)?|esqueça(?: isso)?|deixa (?:isso|estar)|afinal não|já não é (?:preciso|necessário)|não é (?:preciso|necessário)|cancela isso',
  ),
  namesRetracted: nothing,
  reschedule: words('melhor|digamos|na verdade|no máximo|está bem'),
  negation: words('não|nunca|jamais|ninguém|nada|nenhum|nenhuma|sem|nem'),
  notProgress: nothing,
  recap: words('em resumo|resumindo|para resumir|recapitulando|próximos passos'),
  decisions: {
    explicit: [
      words(
        '(?:decidimos|acordámos|combinámos|combinamos|escolhemos|aprovámos|aprovamos|foi (?:decidido|aprovado|acordado))',
      ),
      words(
        '(?:a|nossa)\\s+decisão\\s+é|está decidido|fica (?:decidido|combinado)|ficamos com|mantemos|adiamos|cancelamos',
      ),
    ],
    together: nothing,
    concluded: nothing,
    fragment: nothing,
    not: words('(?:não|ainda não)\\s+(?:decidimos|foi decidido)|na semana passada|no mês passado'),
    proposal: words('proponho|sugiro|podíamos|poderíamos|devíamos|e se|que tal|por que não|vamos'),
    alternatives: /(?<!\p{L})(?:ou)\s+(?!not(?!\p{L}))\p{L}/iu,
    hedged: words('talvez|um dia|quem sabe'),
    proposalLead: opening('proponho que|proponho|sugiro que|sugiro|então'),
    continued: nothing,
    pointsBack: opening(
      '(?:(?:ok|bom|bem|sim|então)[,.\\s]+)*(?:decidido|fica assim|está decidido|combinado|aprovado)',
    ),
    settled: words('decidido|aprovado|combinado'),
    agreement: opening(
      'de acordo|sim|claro|boa ideia|parece-me bem|concordo|perfeito|ok|está bem|exato|aprovado|combinado|muito bem',
    ),
    rejection: opening(
      'não|acho que não|é demasiado|muito (?:caro|cedo|tarde)|mas|melhor não|talvez|veremos',
    ),
  },
  questions: {
    opening: opening('quem|o que|que|quando|onde|por que|porquê|como|quanto|quantos|qual'),
    rhetorical:
      /(?:(?:não é|né|certo|está bem|ok)\?$)|^(?:estão a ouvir|me ouvem|alguma pergunta|tudo bem|como estão)[^?]{0,30}\?$/iu,
    unknown: words(
      'não (?:sei|sabemos)|não faço ideia|boa pergunta|não tenho a certeza|não tenho certeza|veremos|temos que (?:ver|verificar)|não está claro|depende',
    ),
    explicit: words(
      'pergunta em aberto|(?:não sabemos|não sei) (?:ainda )?(?:se|quem|quando|como|o que|onde)|falta (?:saber|decidir) (?:se|quem|quando|como)',
    ),
    moveOn: opening('próximo ponto|passemos|enfim|obrigado a todos|adeus|tchau'),
  },
  procedural: words(
    'vamos começar|comecemos|passemos a|vamos falar|vejamos|vamos fazer uma pausa|continuamos',
  ),
  emphasis: words(
    'importantes?|essencial|crítico|urgente|o problema é|risco|o mais \\p{L}+|por cento|milhões|milhão|de maneira nenhuma|sobretudo|prazo',
  ),
  notTitle: words(
    '.*(?:ar|er|ir|ando|endo|indo|amos|emos)|semana|semanas|dia|dias|mês|ano|hora|problema|pergunta|coisa|gente|ponto',
  ),
  clinical: {
    announced: opening(
      '(?<subjective>subjetivo|queixa|anamnese)|(?<objective>objetivo|exame)|(?<assessment>avaliação|diagnóstico)|(?<plan>plano|tratamento)',
    ),
    subjective: words(
      'dói|tenho (?:dor|febre|tosse|náuseas)|sinto|dor(?:es)?|náuseas?|tonturas?|cansad[oa]|febre|tosse|desde (?:ontem|há)|há \\p{L}+ (?:dias|semanas)|(?:o|a) paciente (?:refere|queixa|diz|nega)|apetite|alergi\\p{L}+',
    ),
    objective: words(
      'pressão|tensão|pulso|temperatura|saturação|graus|pulmões|coração|abdómen|abdome|auscultação|palpação|inchad[oa]|vermelhidão|radiografia|eletrocardiograma|análises|exame|\\d+ por \\d+',
    ),
    assessment: words(
      'diagnóstico|provavelmente|provável|sugere|compatível com|suspeita|infeção|infecção|gripe|inflamação|trata-se|parece',
    ),
    plan: words(
      'receit\\p{L}+|prescrev\\p{L}+|miligramas|mg|uma vez (?:por|ao) dia|duas vezes (?:por|ao) dia|três vezes (?:por|ao) dia|controlo|retorno|consulta|encaminhar|repouso|beba|tome|volte|em (?:uma|duas|três|quatro) semanas?|vamos',
    ),
  },
};
