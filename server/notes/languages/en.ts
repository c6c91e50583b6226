import { en as chrono } from 'chrono-node';
import type { NotesLanguage } from './language.ts';

const adverbs = String.raw`(?:\s+(?:also|just|then|definitely|certainly|personally|go ahead and|try to|try and|be sure to|make sure to|make sure and|please|quickly|actually|still|all|both|simply|probably|maybe))*`;
const will = String.raw`(?:['’]ll|\s+will|\s+(?:is|are)\s+going\s+to|['’]s\s+going\s+to|\s+(?:is|are)\s+gonna|['’]s\s+gonna|\s+shall)`;
const must = String.raw`(?:\s+(?:still|also|just|really|already|then|now))*\s+(?:needs?\s+to|ha(?:s|ve)\s+to|['’]?(?:s|ve)?\s*got\s+to|must|should|ought\s+to|(?:is|are)\s+supposed\s+to|had\s+better)`;
/** Verbs of tasks, for imperatives: "Ruth, call the technician". */
const verbs = String.raw`send|call|e-?mail|write|prepare|book|check|order|fix|update|bring|buy|ask|tell|review|print|schedule|set\s+up|draft|finish|talk\s+to|speak\s+to|find|organi[sz]e|clean|pay|sign|share|upload|test|contact|invite|remind|confirm|cancel|measure|add|remove|move|create|draw|translate|read|look\s+(?:at|into|after|up)|make\s+sure|ensure|take|get|put|give|show|reserve|collect|forward|file|submit|renew|replace|install|document|summari[sz]e|publish|post|ship|deliver|arrange|ring|chase|follow\s+up|reach\s+out|work\s+out|figure\s+out|sort\s+out|handle`;
const task = String.raw`(?=\s+\p{L})`;
/** "Move it by two days" names no day. */
const byHowMuch =
  /^by\s+(?:an?|a\s+(?:few|couple\s+of)|\p{L}+|\d+)\s+(?:minute|hour|day|week|month|year)s?$/iu;

export const en: NotesLanguage = {
  code: 'en',
  locale: 'en-GB',
  headings: {
    summary: 'Summary',
    decisions: 'Decisions',
    actions: 'Action items',
    questions: 'Open questions',
    moments: 'Key moments',
    answers: 'Questions and answers',
    subjective: 'Subjective',
    objective: 'Objective',
    assessment: 'Assessment',
    plan: 'Plan',
    about: 'Notes',
  },
  phrases: {
    unknown: 'unknown',
    nothing: 'None.',
    noSpeech: 'Nothing was said in this recording.',
    and: 'and',
    recordingOf: 'Recording of',
    due: 'due',
    marked: 'Marked',
    languageModelFailed: 'The language model could not be used; these notes were written without it.',
    droppedLines: (count) =>
      `${count} ${count === 1 ? 'line' : 'lines'} of the language model had no evidence and ${count === 1 ? 'was' : 'were'} left out.`,
    templateFailed: 'The template could not be read; the meeting template was used.',
  },
  parseDates: (text, reference) =>
    chrono
      .parse(text, reference, { forwardDate: true })
      .filter(
        ({ index, text: found }) => !byHowMuch.test(text.slice(Math.max(0, index - 3), index + found.length)),
      ),
  deadlines:
    /\b(?:(?:by|before|until|till|after|ahead of|in time for|prior to|no later than)\s+(?!(?:that|this)(?:\s*[.,!?]|\s+(?:and|then|so)|\s*$))(?:(?:the|our|their|your|his|her|this|that|next|we|they|you|he|she|then|lunch|christmas|easter|thanksgiving|noon|midnight)\b)(?:\s+(?!and\b|so\b|but\b|because\b|then\b)[\p{L}\d'’-]+){0,4}|(?:eod|eow|asap|as soon as possible|right away|immediately|straight away|first thing|every (?:day|week|month|morning|\p{L}+day))|(?:this|next) (?:sprint|week|month|quarter|year)|by then|today|tonight|in the next (?:couple of |few |two |three )?(?:days|weeks|hours))\b/iu,
  deadlineLead:
    /(?<!\p{L})(?:(?:no later than|not later than|at the latest|sometime|before|until|till|by|on|for|at|in|within|starting|due|around|early|late|first thing|over|during)\s+(?:the\s+|this\s+|early\s+|late\s+|next\s+)*)+$/iu,
  endOf:
    /\b(?:(?:the\s+)?(?:end of|close of)\s+(?:the\s+|this\s+|next\s+)?(business|play|day|today|week|month|quarter|year|january|february|march|april|may|june|july|august|september|october|november|december)|(eod|eow))\b/iu,
  stopWords: new Set(
    `a about above after again against all also am an and any are aren't as at be because been before being below
    between both but by can can't could couldn't did didn't do does doesn't doing don't down during each even few for
    from further get gets getting go goes going gonna got had hadn't has hasn't have haven't having he he'd he'll he's her
    here hers herself him himself his how i i'd i'll i'm i've if in into is isn't it it's its itself just kind know let
    let's like lot lots make makes maybe me mean more most much must my myself need needs no nor not now of off oh okay
    ok on once one only or other our ours out over own perhaps please quite really right said same say says see she
    she'd she'll she's should shouldn't since so some something sort still such sure take than that that's the their
    theirs them themselves then there there's these they they'd they'll they're they've thing things think this those
    through to too um uh under until up us very want was wasn't way we we'd we'll we're we've well were weren't what
    what's when where which while who whom why will with won't would wouldn't yeah yes yet you you'd you'll you're
    you've your yours yourself actually basically already around anyway back bit bye hello hi hey thanks thank guys
    everyone everybody anything everything nothing someone somebody good great fine cool alright come came put gave give
    first last next today tomorrow yesterday look looks looking talk talking tell told thought guess probably definitely
    might may able thats im ill dont who's what's how's where's when's it'll that'll there'll`
      .split(/\s+/)
      .filter(Boolean),
  ),
  spellings: [
    [/\bto-(day|night|morrow)\b/giu, 'to$1'],
    [/\b(some|any|every) (one|body)\b(?! of)/giu, '$1$2'],
    [/\bper cent\b/giu, 'percent'],
    [/\bI (?:all|will l) (?=\p{Ll})/gu, "I'll "],
    [/\bwe all (?=(?:do|send|keep|go|use|have)\b)/giu, "we'll "],
    [/\b(I|you|we|they|he|she|it) (ll|re|ve|m)\b/giu, "$1'$2"],
    [/\b(can|don|won|isn|doesn|didn|haven|hasn|wasn|wouldn|couldn|shouldn) t\b/giu, "$1't"],
    [/\blet s\b/giu, "let's"],
  ],
  sentenceStarts:
    /(?<=[\p{Ll}\d] )(?=(?:Do|Does|Did|What|How|Who|When|Where|Why|Can|Could|Would|Should|Yes|No|Okay|Ok|Sounds|Great|Sure|Thanks|Thank|So|And|But|We|You|They|It|The|This|That|There|Let|Actually|Maybe|Fine|Good|Right|Alright|If|Please|Your|You['’]re|My)\b(?!['’]?s? (?:Street|Hotel|Company)))|(?<=\p{L},? )(?=(?:thanks|thank you),? \p{Lu}\p{Ll}+(?:[,.!]|$))|(?<=\p{Ll}, )(?=(?:Thanks|Thank|Sounds|Actually|Okay|Ok|Sure|Great)\b)|(?<=\p{L}, )(?=and (?:what|how|who|when|where) (?:do|does|did|is|are|will|would|can|should|about)\b[^.!]*\?$)|(?<=\p{L}, )(?=(?:fine|great|good|perfect), (?:I|we|then|and|let['’]?s|can|could)\b)/gu,
  fillers:
    /(?<![\p{L}'’-])(?:u+m+|u+h+|e+r+m*|a+h+|h+m+|mhm+|you know(?=,)|i mean(?=,)|sort of like|kind of like)(?![\p{L}'’-])[,.…]*/giu,
  openers:
    /^(?:okay|ok|so|well|right|alright|all right|yeah|yep|yes|and|but|also|then|now|great|good|perfect|cool|thanks|thank you|oh|hey|hi|like|actually|look|listen|fine|anyway|anyways|plus|finally|lastly|first|second|third|next|additionally|meanwhile|sure|exactly|excellent|awesome|lovely|one more(?: thing)?|last (?:thing|one)|and then|on my side|from my side|for my part|i think|i guess|i suppose|i believe|just to be clear|to be clear|one more thing|in that case|in the meantime|after that|as agreed|as discussed|by the way|also)\b(?!['’])[,.!:;\s]+/i,
  runBreaks:
    /(?<=\s)(?<!\b(?:think|guess|said|that|if|say|and|so|but|then|because)\s)(?:okay|so\s+(?:we|i|let|the|can)|alright|all right|and then|anyway|let's|lets|(?:can|could|would)\s+(?:you|somebody|someone)|i'll|i will|we'll|we decided|we agreed|we need to|what about|how about|yes|and\s+(?:the|who|what|then|we|can))(?=\s)/giu,
  teams: String.raw`(?:(?:the|our)\s+)?(?:(?!the\b|our\b|a\b|your\b|whole\b|entire\b)[\p{L}-]+\s+)?(?:team|department|crew)|(?:(?:the|our)\s+)?(?:marketing|engineering|sales|finance|legal|procurement|accounting|operations|customer support|customer success|devops|compliance|payroll|human resources|facilities)|(?:someone|somebody)\s+(?:from|in|on)\s+(?:the\s+)?[\p{L}]+(?:\s+team)?`,
  acronymTeams: ['HR', 'IT', 'QA', 'PR', 'Ops'],
  forms: '',
  personContexts: [
    String.raw`(?:^|[,.;:?!]\s|\b(?:[Oo]kay|[Ss]o|[Aa]nd|[Tt]hen|[Tt]hanks|[Hh]i|[Hh]ey|[Ss]orry|[Yy]es|[Ww]ell)\s){word},\s(?:can|could|would|will|please|do|did|how|what|when|where|are|is|have|you|your|any)\b`,
    String.raw`\b(?:can|could|would|will)\s{word}\s(?:please\s)?\p{Ll}+`,
    String.raw`(?:^|[,.;:]\s|\b(?:and|then|so|think|but)\s){word}\s(?:will|can|could|should|needs\sto|has\sto|is\sgoing\sto|agreed\sto|offered\sto|volunteered\sto|promised\sto|said\s(?:he|she|they)|wants\sto|owns)\s`,
    String.raw`\b(?:[Hh]ave|[Gg]et|[Aa]sk|[Ll]et|[Rr]emind|[Tt]ell|[Ww]ant|[Nn]eed){word}`.replace(
      '{word}',
      String.raw`\s{word}\s(?:to\s)?\p{Ll}`,
    ),
    String.raw`\b(?:[Tt]hanks|[Tt]hank you|[Hh]i|[Hh]ello|[Ss]orry|[Oo]ver to you|[Cc]an you|[Cc]ould you|[Ss]ure|[Yy]es),?\s{word}[,.!?]`,
    String.raw`,\s{word}[.?!]$`,
    String.raw`\b(?:[Mm]y name is|[Tt]his is|[Ii]t's){word}`.replace(
      '{word}',
      String.raw`\s{word}(?:\sspeaking|\shere|[,.])`,
    ),
    String.raw`^{word}\shere[,.]`,
    String.raw`\b(?:to|with|for|and|by){word}`.replace(
      '{word}',
      String.raw`\s{word},?\s(?:and|to|who|will|because)\s\p{Ll}`,
    ),
    String.raw`^{word}['’]ll\s`,
    String.raw`{word}['’]s\s(?:going\sto|handling|taking|doing|on\sit)\b`,
  ],
  notPeople: new Set(
    `monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december today tomorrow christmas easter english german french spanish american europe google
    slack zoom excel jira github marketing engineering sales finance legal design product support operations also
    someone somebody everyone everybody nobody anyone team customers clients people users both each then maybe please
    thanks great sure actually let's let everything something nothing anything one two three next last first
    another hopefully basically honestly personally alright marketing's procurement accounting compliance payroll`
      .split(/\s+/)
      .filter(Boolean),
  ),

  tasks: [
    {
      kind: 'charge',
      who: 'named',
      pattern: String.raw`(?:the\s+)?(?:action(?:\s+items?|\s+points?)?|to[- ]?dos?|task|next\s+steps?)\s+(?:for|on|goes\s+to)\s+{who}(?:\s+is|\s+will\s+be|:|,)*(?:\s+to)?${task}`,
    },
    {
      kind: 'charge',
      who: 'nobody',
      pattern: String.raw`(?:the\s+|an?\s+|one\s+|another\s+)?(?:action(?:\s+items?|\s+points?)?|to[- ]?dos?|next\s+steps?)(?:\s+(?:here|then))?(?:\s+is|\s+are|:|,|\.)+(?:\s+to)?(?!\s+(?:for|on|list|{name}))${task}`,
    },
    {
      kind: 'request',
      who: 'named',
      pattern: String.raw`{who},?\s+(?:can|could|would|will)\s+you(?!\s+mind)${adverbs}${task}`,
    },
    {
      kind: 'request',
      who: 'named',
      pattern: String.raw`(?:can|could|would|will)\s+you,?\s+{who},?${adverbs}${task}`,
    },
    { kind: 'request', who: 'named', pattern: String.raw`{who},?\s+(?:would|do)\s+you\s+mind${task}` },
    {
      kind: 'request',
      who: 'named',
      pattern: String.raw`{who},?\s+(?:I\s+need|I['’]d\s+like|I\s+want|we\s+need)\s+you\s+to${task}`,
    },
    {
      kind: 'request',
      who: 'named',
      pattern: String.raw`{who},?\s+(?:are|would)\s+you\s+(?:able|be\s+able|willing|happy|okay|up\s+for|ok)\s*(?:to|with)?${task}`,
    },
    {
      kind: 'request',
      who: 'named',
      pattern: String.raw`(?:please\s+{who},?|{who},?\s+please)${adverbs}${task}`,
    },
    {
      kind: 'request',
      who: 'named',
      pattern: String.raw`{who},\s+(?:please\s+)?(?=(?:${verbs})\s+\p{L})`,
    },
    {
      kind: 'request',
      who: 'addressee',
      pattern: String.raw`(?=(?:${verbs})\s[^.?!]*\bplease[.!]*$)`,
    },
    {
      kind: 'request',
      who: 'named',
      pattern: String.raw`(?:can|could)\s+(?:we|I)\s+(?:get|have|ask)\s+{who}\s+(?:to\s+)?${task.replace(String.raw`\s+`, '')}`,
    },
    {
      kind: 'request',
      who: 'named',
      pattern: String.raw`(?:can|could|will|would)\s+{who}(?!\s+be\b)${adverbs}${task}`,
    },
    {
      kind: 'promise',
      who: 'named',
      pattern: String.raw`(?:let['’]?s|let\s+us|we\s+should|we['’]ll|we\s+will|we\s+need\s+to|we\s+can|I\s+suggest\s+we|how\s+about\s+we|why\s+don['’]t\s+we|I['’]d\s+like\s+to)\s+(?:have|get|ask|let)\s+{who}(?:\s+to)?${task}`,
    },
    {
      kind: 'promise',
      who: 'named',
      pattern: String.raw`(?:I|we)\s+(?:need|want|would\s+like|['’]d\s+like|expect)\s+{who}\s+to${task}`,
    },
    { kind: 'promise', who: 'named', pattern: String.raw`I['’]d\s+like\s+{who}\s+to${task}` },
    { kind: 'promise', who: 'named', pattern: String.raw`(?:have|get)\s+{who}(?:\s+to)?${task}` },
    { kind: 'promise', who: 'named', pattern: String.raw`remind\s+{who}\s+to${task}` },
    {
      kind: 'promise',
      who: 'named',
      pattern: String.raw`{who},?\s+(?:you['’]ll|you\s+will|you\s+(?:need|have)\s+to|you\s+should|you['’]re\s+going\s+to|you['’]re\s+on|you\s+take|you\s+own|don['’]t\s+forget\s+to|remember\s+to|make\s+sure\s+(?:to|that|you))${adverbs}${task}`,
    },
    {
      kind: 'promise',
      who: 'named',
      pattern: String.raw`{who}\s+(?:has\s+|have\s+)?(?:agreed|offered|volunteered|promised|committed)\s+to${task}`,
    },
    {
      kind: 'promise',
      who: 'named',
      pattern: String.raw`{who}\s+(?:said|says|told\s+\p{L}+|confirmed|mentioned)\s+(?:that\s+)?(?:he|she|they)(?:['’]ll|['’]d|\s+will|\s+would|\s+can)${adverbs}${task}`,
    },
    {
      kind: 'promise',
      who: 'named',
      pattern: String.raw`{who}(?:\s+(?:from|in|at)\s+\p{L}+)?${will}${adverbs}${task}`,
    },
    {
      kind: 'promise',
      who: 'named',
      pattern: String.raw`{who}(?:\s+(?:from|in|at)\s+\p{L}+)?${must}${adverbs}${task}`,
    },
    {
      kind: 'charge',
      who: 'named',
      pattern: String.raw`{who}\s+(?:is|are|will\s+be)\s+responsible\s+for${task}`,
    },
    {
      kind: 'charge',
      who: 'named',
      pattern: String.raw`{who}\s+(?:owns|takes\s+care\s+of|takes\s+over|takes\s+on|takes|takes\s+the|is\s+taking|is\s+taking\s+over|is\s+handling|is\s+in\s+charge\s+of|is\s+on)${task}`,
    },
    { kind: 'offer', who: 'named', pattern: String.raw`{who}\s+(?:can|could)${adverbs}${task}` },
    { kind: 'progress', who: 'named', pattern: String.raw`{who}(?:['’]s|\s+is|\s+are)(?=\s+\p{L}+ing\b)` },
    {
      kind: 'promise',
      who: 'named',
      pattern: String.raw`{who}\s+to(?=\s+\p{L}+)(?!\s+(?:the|a|me|you|us|him|her|them|\d))`,
    },
    {
      kind: 'promise',
      who: 'named',
      pattern: String.raw`{who}\s+and\s+I(?:['’]ll|\s+will|\s+can|\s+(?:need|have)\s+to|\s+are\s+going\s+to)${adverbs}${task}`,
    },
    { kind: 'recap', who: 'named', pattern: String.raw`{who}(?=,?\s+\p{L}+(?:s|es)\b)` },

    {
      kind: 'progress',
      who: 'nobody',
      pattern: String.raw`(?=(?:it|that|this|they)\s+(?:all\s+|both\s+)?(?:must|needs?\s+to|ha(?:s|ve)\s+to)\s+be\s+\p{L}+(?:ed|done|nt|ten|gned|de|ilt|aid|ght|und|old|sen|ken)\b)`,
    },
    {
      kind: 'progress',
      who: 'nobody',
      pattern: String.raw`(?=(?:the|our|this|all|these|those)\s+(?:[\p{L}'’-]+\s+){1,6}?(?:must|needs?\s+to|ha(?:s|ve)\s+to)\s+(?:go|arrive|leave|get|reach|ship|start|come)\b)`,
    },
    {
      kind: 'charge',
      who: 'somebody',
      pattern: String.raw`(?:we|I)(?:\s+(?:still|also|really))*\s+need\s+(?:someone|somebody)\s+to${task}`,
    },
    {
      kind: 'promise',
      who: 'speaker',
      pattern: String.raw`you(?:['’]ll|\s+will)(?=\s+(?:have|get)\s+(?:it|that|them|the)\b)`,
    },
    {
      kind: 'promise',
      who: 'addressee',
      pattern: String.raw`(?:please\s+)?(?:don['’]t\s+forget\s+to|remember\s+to|make\s+sure\s+to)${task}`,
    },
    {
      kind: 'charge',
      who: 'nobody',
      pattern: String.raw`(?=(?:the|our|this|all|these|those)\s+(?:[\p{L}'’-]+\s+){1,4}?(?:needs?|ha(?:s|ve))\s+to\s+be\s+(?:\p{L}+ed|done|sent|written|signed|made|built|paid|bought|taken|brought|found|set|put|told|given|chosen|sold|cut|read)\b)`,
    },
    {
      kind: 'promise',
      who: 'addressee',
      pattern: String.raw`(?:I|we)\s+(?:need|want|would\s+like|['’]d\s+like)\s+you\s+to${task}`,
    },
    {
      kind: 'request',
      who: 'addressee',
      pattern: String.raw`(?:can|could|would|will)\s+(?:you|(?:someone|somebody|anyone|anybody)(?:\s+else)?)(?!\s+mind)${adverbs}${task}`,
    },
    { kind: 'request', who: 'addressee', pattern: String.raw`(?:would|do)\s+you\s+mind${task}` },
    {
      kind: 'request',
      who: 'nobody',
      pattern: String.raw`who(?:['’]s|\s+is)?\s*(?:can|could|will|wants\s+to|would\s+like\s+to|is\s+going\s+to|going\s+to|should|['’]ll)${adverbs}${task}`,
    },
    {
      kind: 'request',
      who: 'addressee',
      pattern: String.raw`(?:don['’]t\s+forget\s+to|remember\s+to|make\s+sure\s+(?:to|that\s+you|you)|please(?!\s+(?:don['’]t|do\s+not|no)\b))${adverbs}${task}`,
    },
    {
      kind: 'offer',
      who: 'addressee',
      pattern: String.raw`you(?:['’]ll|\s+will|\s+(?:need|have)\s+to|\s+should)${adverbs}${task}`,
    },
    {
      kind: 'promise',
      who: 'speaker',
      pattern: String.raw`(?:I['’]ll|I\s+will|I['’]m\s+going\s+to|I\s+am\s+going\s+to|I['’]m\s+gonna|I\s+shall|I\s+promise\s+to|I\s+volunteer\s+to)${adverbs}${task}`,
    },
    {
      kind: 'promise',
      who: 'speaker',
      pattern: String.raw`(?:leave\s+it\s+to\s+me\s+to|I['’]m\s+happy\s+to|I['’]d\s+be\s+happy\s+to|remind\s+me\s+to)${task}`,
    },
    {
      kind: 'need',
      who: 'speaker',
      pattern: String.raw`(?:I(?:\s+(?:still|also|just|really|already|then|now))*\s+(?:need|have)\s+to|I['’]ve\s+got\s+to|I\s+must|I\s+should)${adverbs}${task}`,
    },
    {
      kind: 'offer',
      who: 'speaker',
      pattern: String.raw`(?:should|shall)\s+I${adverbs}${task}`,
    },
    {
      kind: 'offer',
      who: 'speaker',
      pattern: String.raw`(?:I\s+can|I\s+could|let\s+me|I['’]d\s+be\s+able\s+to)${adverbs}${task}`,
    },
    { kind: 'progress', who: 'speaker', pattern: String.raw`(?:I['’]m|I\s+am)(?=\s+\p{L}+ing\b)` },
    {
      kind: 'promise',
      who: 'mentioned',
      pattern: String.raw`(?:he|she)(?:['’]ll|\s+will|['’]s\s+going\s+to|\s+is\s+going\s+to|\s+(?:needs|has)\s+to|\s+(?:said|promised|agreed|offered)\s+to|\s+said\s+(?:he|she)(?:['’]ll|['’]d|\s+will|\s+would))${adverbs}${task}`,
    },
    { kind: 'progress', who: 'mentioned', pattern: String.raw`(?:he|she)(?:['’]s|\s+is)(?=\s+\p{L}+ing\b)` },
    {
      kind: 'need',
      who: 'party',
      pattern: String.raw`we(?:['’]ll|\s+will|['’]re\s+going\s+to|\s+are\s+going\s+to)${adverbs}${task}`,
    },
    {
      kind: 'need',
      who: 'nobody',
      pattern: String.raw`we(?:['’]ve\s+got\s+to|\s+(?:still\s+|also\s+|really\s+)*(?:needs?|ha(?:s|ve))\s+to|\s+must|\s+should|['’]re\s+going\s+to|\s+are\s+going\s+to|\s+gotta|\s+better)${adverbs}${task}`,
    },
    {
      kind: 'need',
      who: 'somebody',
      pattern: String.raw`(?:somebody|someone|one\s+of\s+(?:us|you)|you\s+guys)(?:['’]ve\s+got\s+to|\s+(?:still\s+|also\s+|really\s+)*(?:needs?|ha(?:s|ve))\s+to|\s+must|\s+should|['’]re\s+going\s+to|\s+are\s+going\s+to|\s+gotta|\s+better)${adverbs}${task}`,
    },
    { kind: 'need', who: 'nobody', pattern: String.raw`(?:let['’]?s|let\s+us)${adverbs}${task}` },
  ],
  clauseStart: String.raw`[,;:.!?–—-]\s*|\b(?:and|but|so|then|or|while|because|which\s+means|(?:think|guess|suppose|agreed|said|decided|sure|means|is|believe|reckon|know|suggest|propose)(?:\s+that)?|that['’]s\s+why|okay|ok|yeah|yes|well|right|great|also|now|meanwhile|instead|maybe|perhaps|ask(?:ed)?|alright|good|fine|done)\s+`,
  clauseJoint: /[\s,;]*\b(?:and|but|so|then|while|because)?[\s,;]*$/iu,
  notTasks:
    /^\s*(?:\p{L}+ly\s+)?(?:be(?!\s+(?:in\s+touch|responsible|calling|sending|presenting))|see\b(?!\s+to\b)|say\b|think\b(?!\s+(?:about|over)\b.*\bby\b)|know\b|admit\b|guess\b|imagine\b|hear\b|stop\s+(?:here|there|you)|tell\s+(?:you|ya)\b|let\s+(?:you|me|him|her|them)\b(?!\s+know)|get\s+(?:back\s+to\s+that|to\s+that|into\s+that|there|going|started)|come\s+(?:back\s+to|to)\s+(?:that|this|it)|go\s+(?:first|next|ahead|back|over\s+(?:it|that|this|the\s+agenda)|through\s+(?:it|that|this|the\s+agenda)|around)\b|start(?:\s+(?:with|by|off|us|now|today|here|from))?\b(?!\s+(?:the|a|an|drafting|writing|building|work))|begin\b|move\s+on|wrap\s+up|skip\s+(?:this|that|it)|revisit\b|circle\s+back|reconvene|regroup|touch\s+base|see\s+how|wait\b|hold\b|pause\b|repeat\b|explain\b|say\b|speak\b(?!\s+(?:to|with))|talk\s+(?:about|a\s+bit|you|us)|discuss\b(?!\s+(?:it|this|that|them|the\s+[\p{L}\s]+?)\s+with)|share\s+my\s+screen|share\s+your\s+screen|take\s+(?:a\s+look\s+at\s+the\s+agenda|a\s+break|that\s+as|it\s+as|questions|a\s+step\s+back)|miss\b|need\b|want\b|have\s+(?!(?:a\s+(?:chat|word|look|call)|it|that|this|them|the\b.*\b(?:ready|done|finished|sent|fixed)|a\s+(?:draft|version|proposal|plan|first)))|hope\b|love\b|like\b|hate\b|agree\b|disagree\b|worry\b|forget\b|understand\b|remember\b(?!\s+to)|remind\s+(?:us|me|you)\s+(?:what|why|how|when|where)|give\s+(?:you|us)\s+(?:a|an|the|some)\s+(?:quick\s+)?(?:update|overview|context|background|example|idea|summary|minute|second|moment)|walk\s+(?:you|us|everyone)|mute\b|scroll\b|clarify\b|elaborate\b|keep\s+(?:it|this|in\s+mind|going|that\s+in\s+mind)|probably\s+be|always|never|not\b|do\s+(?:well|better|great|fine)|feel\b|look\s+like|assume\b|bet\b|live\b|lose\b|win\b|happen\b|take\s+(?:about|around|a\s+while|long|some\s+time|at\s+least|\w+\s+(?:days|weeks|hours|months|minutes))|take\s+(?:two|three|four|five|six|ten)\b|cost\b|work(?:\s+(?:fine|well|out|for))?\s*[.?!,]?$|join\s+(?:late|us)|attend\b|there|go\s+home|pass\b|sit\s+(?:down|tight)|mind\b|excuse\b|ring\s+a\s+bell|become\b|seem\b|mean\b|depend\b|stay\b|exist\b|continue\b|expect\b|enjoy\b|the\b|a\b|an\b|that\b|this\b|it\b|you\b|we\b|i\b|so\b|in\b|on\b|at\b|for\b|of\b|to\b|from\b|about\b(?!\s+to)|hundred|quick\s+question|a\s+moment|one\s+thing|done\b|good\b|fine\b|able\b|okay\b|with\b|what\b|why\b|how\b|when\b|where\b|who\b|if\b|he\b|she\b|they\b|is\b|was\b|has\b|had\b|been\b|guys\b|decide\b|figure\s+out\s+(?:later|as\s+we)|face\b|both\b|everyone\b|people\b|see\b)/iu,
  decisionVerbs:
    /^\s*(?:all\s+|just\s+|definitely\s+|then\s+|now\s+|only\s+|still\s+|therefore\s+|instead\s+)*(?:go\s+(?:with|for|ahead|live|forward)|keep\b|stick\b|stay\b|use\b|move\s+(?!on\b)|push\b|drop\b|postpone\b|delay\b|decline\b|turn\s+(?:it|that|them)\s+down|launch\b|ship\b|cancel\b|switch\b|adopt\b|raise\b|lower\b|cut\b|hire\b|make\s+it\b|set\s+the\b|start\s+(?:with|on|at|selling|charging|using|in)\b|aim\s+for\b|call\s+it\b|hold\s+(?:the|it|our)\b|extend\b|reduce\b|increase\b|stop\b|charge\b|offer\b|focus\s+on\b|limit\b|skip\b|remove\b|release\b|rename\b|replace\b|run\s+(?:the|it|with)\b|do\s+(?:it|that|this|the|both|a|another|one\s+more|weekly|monthly|without|two|three)\b|pick\b|choose\b|buy\b|accept\b|reject\b|allow\b|pay\b|rent\b|leave\s+(?:it|the)\b|roll\s+(?:out|back)\b|bring\s+(?:forward|back)\b|meet\b|shift\b|phase\b|support\b|freeze\b|close\b|open\b|have\b(?!\s+(?:to|a\s+(?:look|chat|word|problem|call|go|think|break|party)|problems|trouble|fun|time|no|any|some|enough)\b)|merge\b|split\b|retire\b|invest\b|outsource\b|renew\b|sponsor\b|let\s+(?:the|it)\b|put\s+(?:the|it|off)\b|scrap\b|host\b|build\s+(?:it|on)\b|serve\b|paint\b|order\b|only\b|take\s+the\b)/iu,
  haveReady: /^\s*have\s+(?:the|a|an|your|my|our|all)\s/iu,
  dayOfMonth:
    /(?<=\b(?:by|before|until|till|on|around|from|after)\s+)the\s+(?:(?<digits>\d{1,2})(?:st|nd|rd|th)|(?<word>(?:twenty[- ]|thirty[- ])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth))\b(?!\s+(?:of|floor|one|time|version|draft|round|half|quarter|week|day|month|item|point|page|part))/iu,
  hypothetical:
    /\b(?:if\s+(?!(?:that['’]s|that\s+is|it['’]s|it\s+is)\s+(?:okay|ok|fine|all\s+right|alright)|you\s+(?:want|like|don['’]t\s+mind|could|can|agree)|possible|nobody|no\s+one|needed|necessary)|unless|maybe|perhaps|might|hypothetically|in\s+theory|theoretically|suppose|supposing|imagine|wish|would\s+have|could\s+have|should\s+have|might\s+have|someday|some\s+day|one\s+day|what\s+if|in\s+an\s+ideal\s+world|ideally|would\s+be\s+nice|thinking\s+(?:of|about)|not\s+sure|i\s+wonder|let['’]s\s+say|was\s+going\s+to|were\s+going\s+to|was\s+supposed\s+to|were\s+supposed\s+to|tempted|i\s+doubt|don['’]t\s+think|used\s+to)\b/iu,
  soft: /\b(?:should|ought|let['’]?s|let\s+us|let\s+me|better|could|probably|please)\b/iu,
  mereQuestion: /^(?:will|would)\s/iu,
  pronounTask:
    /^\s*(?:do|take|handle|own|cover|get|pick|sort|manage|take\s+care\s+of|take\s+on|deal\s+with|look\s+after|drive|run\s+with|pick\s+up|sort\s+out|be|finish|make|have|have\s+a\s+go\s+at)(?:\s+(?:it|that|this|that\s+one|this\s+one|those|them|these|the\s+same|both))?(?:\s+(?:up|on|over|out|done|ready|too|instead|myself|first|next|for\s+(?:you|us|me)|off\s+(?:you|your\s+plate)))*[\s.,!?]*$/iu,
  helping:
    /^\s*(?:give\s+\p{L}+\s+a\s+hand|lend\s+\p{L}+\s+a\s+hand|help(?:\s+(?:out|me|us|him|her|them|\p{Lu}\p{Ll}+))*|support\s+\p{L}+|pitch\s+in|chip\s+in)[.!?\s]*$/iu,
  agenda:
    /^\s*(?:plan|discuss|talk|cover|go\s+(?:over|through)|decide|agree|think|look\s+at|figure\s+out|speak|choose|pick|settle|understand|consider|focus)\b/iu,
  absence:
    /\b(?:he|she|they)(?:['’](?:s|re)|\s+is|\s+are)\s+(?:still\s+|currently\s+|already\s+)*(?:on\s+(?:sick\s+|parental\s+|maternity\s+)?(?:leave|holidays?|vacation)|away|out|off|sick|ill|in\s+hospital|not\s+(?:here|available|in)|no\s+longer|swamped|busy)\b|\b(?:he|she|they)\s+(?:can['’]?t|cannot|won['’]t|left|doesn['’]t\s+(?:work|have))\b/iu,
  bareTask:
    /^\s*(?:find\s+out|check|follow\s+up|ask|clarify|decide|look\s+into|double[- ]check|investigate|confirm)(?:\s+(?:with|from)\s+(?:him|her|them))?[.!?]*$/iu,
  conditional:
    /(?<!\b(?:check|ask|see|know|tell|out|sure|wonder|determine|verify|confirm|clarify|decide|test)(?:\s+\p{L}+){0,2}\s)\b(?:if|unless|provided)\b(?!\s+(?:possible|needed|necessary|you|that['’]s|it['’]s|nobody|no\s+one))/iu,
  past: /\b(?:yesterday|ago|last\s+(?:night|week|month|quarter|year|time|\p{L}+day)|earlier\s+(?:today|this)|already|this\s+morning)\b/iu,
  handover: /\b(?:instead|rather|actually|no,|then\s+i|myself)(?!\p{L})/iu,
  pointsAway: /^(?:it|that|this|they|those|these|he|she)\b/iu,
  topicLead:
    /^(?:(?:what|how)\s+about|(?:how|where)\s+(?:is|are)(?:\s+we\s+(?:with|on))?|what['’]s\s+the\s+status\s+of|any\s+news\s+(?:on|about)|about|regarding|next(?:\s+(?:up|is|topic|item))?|then|and|first|on\s+to)\b[,:\s]+/iu,
  topicTail: /\s+(?:going|coming\s+along|looking|doing|at|now|so\s+far)$/iu,
  pronounObject:
    /\b(?:it|them|him|ones?)\b|\bher\b(?!\s+\p{L}+)|\b(?:that|this|those|these)\b(?!\s+(?:\p{L}+ed\s+)?(?:week|month|morning|afternoon|evening|year|quarter|sprint|is|was|the|we|he|she|they|i|you|client|page|one\s+to|\p{L}{4,}))/iu,
  taskTail:
    /(?:[,\s]+(?:please|okay|ok|right|thanks|thank\s+you|cheers|then|too|as\s+well|instead|though|actually|for\s+(?:me|us|you|everyone)|if\s+(?:that['’]s|that\s+is|it['’]s|possible|you\s+(?:can|could|want|don['’]t\s+mind)|needed|necessary|nobody|no\s+one).*|would\s+you|will\s+you|can\s+you|could\s+you|and\s+(?:then\s+)?(?:get\s+back\s+to\s+(?:us|me|you)|let\s+(?:me|us|you|everyone|them)\s+know.*)|by\s+the\s+way|of\s+course|ideally|preferably|if\s+possible|at\s+the\s+latest|(?:that|it|this)['’]s|(?:that|it|this)?(?:['’]s|\s*should|\s*will|['’]ll|\s+is)\s*(?:be\s+)?(?:due|done|ready|there|finished)|(?:that|this|it)['’]?s?\s+(?:due|the\s+deadline)|(?:because|since|so\s+that|so\s+we|so\s+they|so\s+you|so\s+everyone|otherwise|as\s+(?:we|they|he|she|the)\b|which\s+(?:is|was|we)|who\s+is|but|before\s+i\s+forget|then\s+(?:we|i|you|they)\s|(?:once|as\s+soon\s+as|while|whenever)\s|and|or|so|sometime|at\s+some\s+point|when\s+(?:i|you|we|he|she|they)\b)\b.*)|\s*[,.;:!?–—-]+)\s*$/iu,
  acceptance:
    /^(?:sure|yes|yeah|yep|yup|okay|ok|absolutely|of\s+course|no\s+problem|will\s+do|happy\s+to|can\s+do|got\s+it|on\s+it|i['’]m\s+on\s+it|consider\s+it\s+done|certainly|definitely|fine|alright|all\s+right|deal|with\s+pleasure|gladly|sounds\s+good|i\s+can(?!['’]t|not)|i\s+could|i['’]ll|i\s+will|works\s+for\s+me|that\s+works|perfect|great|good|thanks|thank\s+you|makes\s+sense|agreed|go\s+ahead|please\s+do|that\s+would\s+(?:be|help)|that['’]d\s+(?:be|help)|right|leave\s+it\s+(?:to|with)\s+me|you\s+got\s+it|you\s+bet|why\s+not|let\s+me|i\s+should\s+be\s+able)\b/iu,
  refusal:
    /^(?:(?:well|oh|sorry|um|honestly|actually|unfortunately|hmm|look|i['’]m\s+afraid)[,.\s]+)*(?:no(?!\s+(?:problem|worries|rush))\b|nope\b|sorry|i\s+can['’]?t|i\s+cannot|i\s+won['’]t|i\s+don['’]t\s+(?:have|think)|not\s+(?:this|really|now|me|today|possible|sure)|i['’]m\s+(?:swamped|out|away|on\s+(?:leave|holiday|vacation)|fully\s+booked|not\s+able|too\s+busy|completely\s+booked)|i['’]d\s+rather\s+not|unfortunately|that\s+won['’]t\s+work|i\s+have\s+no\s+time|there['’]s\s+no\s+way|rather\s+not|i\s+don['’]t)/iu,
  done: /\b(?:i|we|he|she|they)(?:['’](?:ve|s))?(?:\s+ha(?:ve|s))?\s+already\s+\p{L}+|\balready\s+(?:done|did|sent|taken\s+care)|\b(?:it|that)(?:['’]s|\s+is|\s+has\s+been)\s+(?:already\s+)?done\b/iu,
  thanks: String.raw`^(?:(?:okay|great|perfect|cool|good|awesome|excellent|lovely|wonderful|super|brilliant|nice)[,.!\s]+)*(?:thanks|thank\s+you|cheers)(?:\s+so\s+much|\s+a\s+lot|\s+very\s+much)?,?\s+(?<thanked>{name})\b|^(?:great|perfect|cool|good|awesome|excellent|lovely|wonderful|brilliant),?\s+(?<praised>{name})[.!]*$`,
  retraction:
    /\b(?:scrap\s+(?:that|this|it|the)|never\s*mind|forget\s+(?:that|it|about\s+(?:that|it|the)|what\s+i\s+said|the)\b|strike\s+that|cancel\s+(?:that|it)|don['’]t\s+bother|no\s+need(?:\s+(?:to|for))?|on\s+second\s+thoughts?|leave\s+(?:it|that)\s+(?:for\s+now|out)|hold\s+off(?:\s+on)?|drop\s+that|ignore\s+(?:that|what)|take\s+that\s+back|i\s+take\s+it\s+back|let['’]s\s+not(?:\s+do)?|we\s+don['’]t\s+need\s+(?:that|it|to\s+do\s+that)(?:\s+anymore|\s+any\s+more|\s+after\s+all)?|not\s+necessary|isn['’]t\s+necessary|already\s+(?:did|done|sent|took\s+care)|has\s+already\s+been|did\s+that\s+already|already\s+did\s+(?:it|that))\b/iu,
  namesRetracted: /\b(?:the|need(?:\s+(?:to|for))?|bother|on)$/iu,
  reschedule:
    /\b(?:make\s+(?:it|that)|(?:it\s+)?wait\s+(?:until|till)|until|let['’]s\s+say|say|rather|instead|better|actually|works|how\s+about|what\s+about|change\s+(?:it|that)\s+to|move\s+(?:it|that)\s+to|push\s+(?:it|that)\s+to|need\s+it|want\s+it|have\s+it|due|deadline|at\s+the\s+latest|should\s+be\s+(?:fine|doable|possible|ready)|is\s+(?:fine|good|doable|okay|ok|enough|possible)|can\s+do|would\s+be)\b|\b(?:is|would|does)\b.*\b(?:okay|ok|fine|good|possible|realistic|enough|doable|work|soon\s+enough|all\s+right)\s*\?/iu,
  negation:
    /\b(?:not|no|never|nobody|none|nothing|neither|nor|without|cannot|\p{L}+n['’]t|refus\p{L}+|reject\p{L}*|declin\p{L}+)\b/iu,
  notProgress:
    /^(?:coming|going|leaving|arriving|flying|travell?ing|working|having|getting|being|trying|looking|staying|hoping|thinking|wondering|expecting|waiting|planning|moving|starting|running\s+(?:late|out)|joining|seeing|feeling|saying|asking|talking|doing|living|sitting|free|off|away|attending|meeting|taking\s+(?:off|a|the\s+day)|\p{L}+ing\s+all\s+(?:day|week|morning|afternoon)|teaching|travell?ing|driving|not)\b/iu,
  recap:
    /\b(?:to\s+recap|recap(?:ping)?|to\s+sum(?:marise|marize)?\s*(?:up)?|sum\s+up|in\s+summary|action\s+items?\s+(?:are|for)|next\s+steps?|to\s+repeat|so\s+to\s+repeat|let\s+me\s+repeat|just\s+to\s+confirm|who\s+does\s+what|assignments)\b|\b(?:to-?do|action(?:\s+items?)?)s?:/iu,

  decisions: {
    explicit: [
      /\b(?:we['’]?(?:ve|re)?|the\s+(?:board|team|group|committee|council|management)(?:\s+has)?|everyone|everybody|they)\s+(?:have\s+|has\s+|had\s+|all\s+|now\s+|just\s+|finally\s+|officially\s+|also\s+|both\s+|are\s+)*(?:decided|agreed|resolved|settled|chosen|chose|voted|concluded|approved|signed\s+off|opted|committed)\b(?!\s+(?:yet|whether|if))/iu,
      /\b(?:the|our|my|final|one|another)\s+(?:final\s+)?decision\s*(?:is|was|:|,|today|then|from|stands)/iu,
      /^decision\s*:/iu,
      /\bfrom\s+(?:now\s+on|(?:the\s+)?\p{L}+\s+(?:onwards?|on))\b/iu,
      /(?:^|[,;]\s*)(?:(?:then|so|no|in\s+that\s+case)[,\s]+)*we\s+(?:go|stick|stay)\s+(?:with|for|to)\b/iu,
      /\b(?:it['’]?s|that['’]?s|this\s+is|it\s+is|that\s+is)\s+(?:now\s+|all\s+|then\s+|officially\s+)?(?:decided|settled|agreed|final|approved|a\s+done\s+deal)\b/iu,
      /\bwe['’]?(?:re|\s+are)\s+(?:now\s+|definitely\s+|officially\s+)*(?:going\s+(?:with|for|ahead)|sticking\s+(?:with|to)|keeping|dropping|moving\s+(?!on\b)|switching|postponing|cancelling|canceling|choosing|staying|adopting|launching|hiring|not\s+(?:doing|going\s+(?:to|with|for|ahead)|moving|using|launching|hiring|shipping))\b/iu,
      /\b(?:we|we['’]ve|has\s+been|have\s+been|is|are|was|were)\s+(?:all\s+|officially\s+|now\s+|hereby\s+|unanimously\s+)*(?:approved|signed\s+off|greenlit|adopted)\b/iu,
      /\b(?:motion|proposal|budget|plan|resolution)\s+(?:carries|carried|passes|passed|is\s+(?:accepted|approved|adopted|rejected|carried))\b/iu,
      /\b(?:the|our)\s+plan\s+(?:then\s+)?is\s+(?:to|that)\b/iu,
      /^(?:agreed|decided|settled|approved)\s*[,:;-]\s*\p{L}+\s+\p{L}+/iu,
      /\b(?:launch|release|deadline|meeting|event|party|workshop|demo|kickoff|kick-off|rollout|price|start|opening|date|go-live|migration|offsite|conference|training|campaign|review)\s+(?:date\s+|day\s+)?(?:now\s+|then\s+|therefore\s+)?(?:moves|is\s+(?:now\s+)?(?:moved|pushed|postponed|delayed|cancelled|canceled|rescheduled)|gets\s+(?:moved|pushed|postponed)|stays|goes\s+(?:up|down|to|from)|will\s+(?:move|stay|go|be\s+(?:moved|held|postponed|on|in|at)))\b/iu,
    ],
    together:
      /(?:^|[,;:.]\s*|\b(?:so|and|then|that|but|think|guess)\s+)(?:so\s+|then\s+)?(?:(?:let['’]?s|let\s+us)(?!\s+(?:have|get|ask|let)\b)|we['’]ll|we\s+will|we\s+won['’]t|we\s+will\s+not|let['’]s\s+not|we['’]re\s+going\s+to|we\s+are\s+going\s+to|we['’]re\s+not\s+going\s+to)\s+(?=\p{L})/iu,
    chosen:
      /^(?:(?:okay|ok|good|fine|great|alright|so|then|right)[,.\s]+)*(?:then\s+)?(?!what|that|so\b|how|who|as\b|where)[^,?]{2,60}\s+it\s+is(?:\s+then)?[.!]*$/iu,
    restated:
      /^(?:alright|all\s+right|okay|ok|good|right|fine|great|perfect|yes|yeah)[,.]?\s+(?:so\s+|then\s+)?(?<what>(?!(?:then|so|we|i|i['’]\p{L}+|you|let|let['’]?s|that|that['’]?s|this|it|it['’]s|what|how|who|when|why|where|can|could|would|should|shall|is|are|do|does|did|if|but|thanks|thank|please)\b)[^?]{8,90})[.!]*$/iu,
    concluded:
      /^(?:(?:alright|all\s+right|okay|ok|so|good|right|great|fine|perfect|then)[,.\s]+)+(?:so\s+|then\s+)?we\s+(?!(?:need|have|should|could|can|will|are|were|was|had|see|think|know|got|want|did|do\s+not|don['’]t|still|also\s+need|must|might|may|would|talked|said|only|just|all|both|really|already|never|lost|saw|heard|found|finished|started|agreed|decided)\b)\p{L}{2,}\s+\p{L}|^(?:(?:alright|all\s+right|okay|ok|so|good|right|great|fine|perfect|then)[,.\s]+)+(?:so\s+|then\s+)?the\s+(?:[\p{L}'’-]+\s+){1,4}?(?:moves|stays|remains|goes\s+(?:up|down|to|on)|is\s+(?:now\s+)?(?:moved|postponed|cancelled|canceled|off|on))\b/iu,
    offered: /\b(?:could|would\s+be)\b/iu,
    fragment:
      /^(?:(?:alright|all\s+right|okay|ok|good|great|fine|perfect)[,.]?\s+|so\s+(?=no\s))(?:so\s+|then\s+)?(?<what>(?!.*\b(?:i|you|he|she|it|we|they|is|are|was|were|can|could|will|would|do|does|did|have|has|let|let['’]s|that|this|thanks|thank|next|who|what|how|why|when|where|please|but|and)\b)[^,?!]{8,60})[.]*$/iu,
    not: /\b(?:haven['’]t|have\s+not|hasn['’]t|has\s+not|not\s+yet|didn['’]t|did\s+not|never|nothing\s+(?:is|was|has\s+been)|isn['’]t|is\s+not|wasn['’]t|not)\s+(?:yet\s+|been\s+|really\s+|actually\s+)*(?:decided|agreed|settled|approved|final|chosen|signed)\b|\b(?:until|before|once|when|if|unless|whether|after|had)\s+(?:we|they|it|the\s+board|that)(?:['’]ve|['’]s|\s+have|\s+has|\s+is)?\s+(?:decide|agree|decided|agreed|approve|approved|settled)|\bno\s+decision|\b(?:last|previous)\s+(?:week|month|quarter|year|time)\b|\boriginally\b|\bback\s+then\b|\bago\b|\bto\s+be\s+decided\b|\bhave\s+you\s+decided\b/iu,
    proposal:
      /\b(?:i\s+(?:suggest|propose|vote|recommend|move\s+that|say\s+we|think\s+we\s+should|would\s+(?:suggest|propose|say|go|keep)|['’]d\s+(?:suggest|propose|say|go|keep))|i['’]d\s+(?:suggest|propose|say|go|keep|vote)|my\s+(?:vote|suggestion|proposal|recommendation)\s+(?:is|would\s+be|goes)|how\s+about|what\s+about|what\s+if|why\s+don['’]t\s+we|shall\s+we|should\s+we|could\s+we|can\s+we|do\s+we\s+want|we\s+could|we\s+should|let['’]?s|are\s+we\s+(?:all\s+)?(?:okay|ok|good|fine|agreed|happy)|do\s+we\s+(?:all\s+)?agree|everyone\s+(?:okay|ok|happy|fine|good)|all\s+in\s+favou?r|so\s+we['’]?(?:re|ll)|we['’]ll)\b|^so,?\s+(?!what|where|who|how|when|why|do|did|does|is|are|was|any|can|could|has|have|you|i|they|he|she|it|that)[^?]{4,80}\?$/iu,
    alternatives: /(?<!\p{L})(?:or)\s+(?!not(?!\p{L}))\p{L}/iu,
    hedged:
      /\b(?:at\s+some\s+point|some\s*day|one\s+day|eventually|sooner\s+or\s+later|probably|maybe|perhaps|might)\b/iu,
    proposalLead:
      /^(?:(?:i|i['’]d|we)\s+(?:suggest|propose|recommend|vote|say|think|move|would\s+(?:suggest|propose|say))(?:\s+that)?|my\s+(?:vote|suggestion|proposal|recommendation)\s+(?:is|would\s+be|goes)(?:\s+(?:that|to|for))?|how\s+about|what\s+if|why\s+don['’]t|(?:should|shall|could|can)\s+we|so|then|and)\s+/iu,
    continued:
      /^(?:(?:then|so|okay|that\s+means|in\s+that\s+case)[,\s]+)*(?:it|that|this)\s+(?:stays|remains|moves|is\s+(?:moved|postponed|cancelled|canceled)|will\s+(?:stay|be)|goes)\b/iu,
    pointsBack:
      /^(?:(?:okay|ok|so|good|great|then|right|perfect|alright|well|yes)[,.\s]+)*(?:that['’]?s|it['’]?s|that\s+is|this\s+is)\s+(?:then\s+)?(?:decided|settled|agreed|final|a\s+deal|what\s+we(?:['’]ll|\s+will)?\s+do|done|the\s+decision|the\s+plan)|^(?:(?:okay|ok|so|good|great|then|right|perfect|alright|well|yes)[,.\s]+)*(?:let['’]?s\s+do\s+(?:that|it|this)|we['’]ll\s+do\s+(?:that|it)|we['’]re\s+(?:all\s+)?agreed|agreed|decided|settled|done|deal)\b/iu,
    settled: /\b(?:decided|settled|final)\b/iu,
    agreement:
      /^(?!okay,?\s+(?:so\s+)?not\b)(?:(?:okay|ok|well|oh|right|and)[,.\s]+)*(?:agreed|i\s+agree|we\s+agree|sounds\s+(?:good|great|fine|reasonable|right|like\s+a\s+plan)|works\s+for\s+me|that\s+works|fine\s+(?:by|with)\s+me|i['’]m\s+(?:fine|okay|ok|happy|good|in)\b|deal|done|yes|yeah|yep|sure|absolutely|definitely|perfect|exactly|good\s+idea|great\s+idea|makes\s+sense|let['’]?s\s+do\s+(?:that|it|this)|no\s+objections?|all\s+in\s+favou?r|everyone\s+(?:nods|agrees|agreed)|great|good(?!\s+(?:question|point))|okay(?!,?\s+(?:so\s+)?not\b)|ok|fine|that['’]s\s+(?:settled|decided|fine|agreed|good)|same\s+here|me\s+too|i\s+could\s+live\s+with|i['’]d\s+go\s+with\s+that|that['’]s\s+what|settled|decided|seconded|second(?:ed)?\s+that|i\s+second|aye|in\s+favou?r|unanimous|nobody\s+objects|support(?:ed)?\s+that|of\s+course|totally|love\s+it|i\s+like\s+(?:it|that))\b/iu,
    rejection:
      /\b(?:doesn['’]t|does\s+not|won['’]t|wouldn['’]t)\s+(?:really\s+)?work\b|\bnot\s+for\s+(?:me|us)\b|^(?:yes|yeah|sure|okay|right|true|i\s+agree)?,?\s*but\b|^(?:(?:well|oh|hmm|okay|honestly|actually|sorry|look|and|but|yeah)[,.\s]+)*(?:no\b(?!\s+(?:objection|problem))|nope|not\b(?!\s+(?:bad|at\s+all))|i['’]m\s+not|i\s+am\s+not|i\s+don['’]t|i\s+do\s+not|i\s+disagree|i['’]d\s+rather|i\s+would\s+rather|i\s+doubt|but\b|too\s+(?:expensive|early|late|risky|much)|that['’]s\s+too|that\s+is\s+too|that\s+(?:won['’]t|doesn['’]t|would(?:n['’]t)?\s+(?:be\s+too|cost|break|upset|mean))|let['’]s\s+(?:park|think|table|wait|discuss|come\s+back|not|revisit|sleep|hold)|we\s+can['’]t|we\s+cannot|we\s+don['’]t|maybe|perhaps|it\s+depends|hard\s+to\s+say|can\s+we\s+(?:come\s+back|think|discuss)|i\s+need\s+to\s+think|we['’]ll\s+see|we\s+should\s+(?:think|discuss|wait)|never|hold\s+on|wait|isn['’]t\s+that|there['’]s\s+no\s+way|please\s+no|rather\s+not)\b/iu,
  },
  questions: {
    opening:
      /^(?:what|when|where|who|whom|whose|which|why|how|is|are|was|were|do|does|did|can|could|will|would|should|shall|has|have|had|any|isn['’]t|aren['’]t|don['’]t|doesn['’]t)\s+(?:the|we|you|they|i|it|he|she|that|this|there|about|is|are|do|does|did|will|would|should|can|much|many|long|if|have|has|\p{Lu})/iu,
    rhetorical:
      /\b(?:right|okay|ok|isn['’]t\s+it|aren['’]t\s+(?:we|they|you)|don['’]t\s+(?:we|you|they)|doesn['’]t\s+it|you\s+know|huh|eh|yeah|no|see)\?$|^(?:ready|really|what|sorry|pardon|hello|who|when|why|how)\?$|^(?:does\s+that\s+make\s+sense|any\s+(?:other\s+)?(?:questions|comments|thoughts|objections)|all\s+in\s+favou?r|(?:any(?:one|body)\s+)?against|anything\s+else|(?:can|could)\s+(?:you|everyone|everybody)\s+(?:hear|see)|who\s+knows|how\s+are\s+(?:you|we|things)|how\s+is\s+everyone|how\s+was\s+your|shall\s+we\s+(?:start|begin|get)|are\s+we\s+(?:ready|all\s+here|recording)|is\s+everyone\s+here|you\s+know\s+what|guess\s+what|why\s+not|who\s+cares|what\s+else|what['’]s\s+next|who['’]s\s+next|what\s+do\s+you\s+(?:all\s+)?think|everyone\s+(?:okay|ok|happy|good|fine)|all\s+good|make\s+sense|sound\s+good|sounds\s+good|so\s+what|can\s+i\s+(?:ask|say|just|jump|go)|may\s+i|is\s+this\s+(?:thing\s+)?on|how\s+hard\s+can|what\s+could\s+(?:possibly\s+)?go|do\s+you\s+mind|mind\s+if)\b[^?]{0,25}\?$/iu,
    unknown:
      /\b(?:don['’]?t\s+know|do\s+not\s+know|not\s+(?:\p{L}+\s+)?sure|no\s+idea|good\s+question|no\s+clue|can['’]t\s+say|cannot\s+say|hard\s+to\s+(?:say|tell)|nobody\s+knows|no\s+one\s+knows|we['’]?ll\s+(?:have\s+to\s+)?(?:see|find\s+out)|have\s+to\s+(?:check|find\s+out|ask|look\s+into)|need\s+to\s+(?:check|find\s+out|figure|clarify|think\s+about)|haven['’]t\s+(?:decided|heard|figured|thought)|isn['’]t\s+clear|is\s+not\s+clear|unclear|to\s+be\s+(?:decided|determined)|tbd|open\s+question|it\s+depends|let['’]?s\s+(?:park|table|come\s+back|leave|take\s+(?:that|this)\s+offline|discuss\s+(?:that|this|it)\s+(?:next|later|another|in))|i['’]?d\s+have\s+to\s+(?:check|look|ask)|beats\s+me|who\s+knows|still\s+waiting|can['’]?t\s+answer|have\s+to\s+get\s+back|we\s+should\s+ask|can['’]t\s+tell|no\s+answer)\b/iu,
    explicit:
      /\b(?:open\s+question|(?:we|i)\s+(?:still\s+)?(?:don['’]t|do\s+not)\s+(?:yet\s+)?know\s+(?:whether|if|who|when|what|how|why|where|which)|(?:it['’]?s|is|remains|still)\s+(?:still\s+)?(?:unclear|undecided|open)\s+(?:whether|if|who|when|what|how|why|where|which)|the\s+(?:big\s+|main\s+|only\s+)?question\s+(?:is|remains)\s+(?:whether|if|who|when|what|how|why|where|which)|(?:haven['’]t|have\s+not)\s+(?:yet\s+)?(?:decided|figured\s+out|agreed)\s+(?:on\s+)?(?:yet\s+)?(?:whether|if|who|when|what|how|why|where|which|the)|(?:we|somebody|someone)\s+(?:still\s+)?(?:need|needs|have|has)\s+to\s+(?:decide|figure\s+out|find\s+out|clarify)\s+(?:whether|if|who|when|what|how|why|where|which|the)|i\s+wonder\s+(?:whether|if|who|when|what|how))\b/iu,
    when: /^(?:(?:and|so|okay|but)[,\s]+)*(?:when|by\s+when|until\s+when|how\s+soon|what\s+day|which\s+day)\b[^?]*\?$/iu,
    moveOn:
      /^next,\s|^(?:anyway|moving\s+on|let['’]?s\s+move\s+on|next\s+(?:topic|item|point|up)|okay[,.]?\s+next|on\s+to|another\s+(?:topic|thing|point)|let['’]?s\s+(?:park|table|come\s+back|continue|talk)|that['’]s\s+(?:it|all)\s+(?:for|from)|thanks\s+everyone|thank\s+you\s+(?:all|everyone)|thanks\s+everybody|thank\s+you\s+everybody|bye|see\s+you|any\s+other)\b|\bsee\s+you\b/iu,
  },
  procedural:
    /\b(?:let['’]?s|let\s+us|shall\s+we|should\s+we|can\s+we|we\s+should|we\s+could|i\s+suggest\s+we|how\s+about\s+we|we['’]ll|i['’]d\s+say\s+we|why\s+don['’]t\s+we)\s+(?:all\s+|just\s+|now\s+|quickly\s+|first\s+)*(?:start(?!\s+(?:with\s+(?:the\s+)?(?:pilot|beta|small)|selling|charging|using))|begin|get\s+(?:started|going|into|back)|move\s+on|go\s+(?:through|over|around|back|on\s+to|to\s+the\s+next)|look\s+at|see|talk|discuss|take\s+a\s+(?:break|look)|wrap|continue|come\s+back|park|table|wait|think|say|hear|pick\s+(?:this|that|it)\s+up|jump|dive|focus\s+on\s+the\s+agenda|have\s+a\s+look|review\s+the\s+agenda|meet\s+again|check\s+in|stop\s+here|leave\s+it\s+there|keep\s+(?:going|moving|it\s+short)|not\s+(?:forget|rush))\b/iu,
  emphasis:
    /\b(?:important(?:ly)?|critical(?:ly)?|crucial|essential|key\s+(?:point|thing|takeaway|message|issue)|biggest|most\s+\p{L}+|main\s+(?:problem|issue|point|reason|risk|thing)|the\s+(?:problem|point|bottom\s+line|risk|good\s+news|bad\s+news|truth)\s+is|bottom\s+line|blocker|blocking|urgent|risk|absolutely|under\s+no\s+circumstances|worst|best\s+\p{L}+|never\s+again|deal\s*breaker|serious|disaster|breakthrough|record|deadline|worried|surprised|proud|failed|outage|percent|million|billion|thousand)\b|[$€£]\s?\d|\d\s?%/iu,
  notTitle:
    /^(?:\p{L}+ly|\p{L}{2,}ing|(?:agree|decid|need|want|send|sent|writ|prepar|check|fix|finish|updat|ask|call|book|bring|brought|mov|keep|kept|start|stop|us|work|happen|chang|add|remov|tak|took|mak|giv|seem|feel|felt|find|found|show|run|ran|put|set|try|tri|help|turn|leav|left|stay|push|pull|drop|follow|meet|met|read|hear|heard|hold|held|pay|paid|buy|bought|sell|sold|win|won|lose|lost|wait|cover|handl|draft|shar|schedul|includ|suggest|propos|confirm|explain|mention|clos|creat|deliver|arriv|expect|hop|believ|worr)(?:e|ed|es|s|d|ies|ied|ning|pped|pping)?|able|sure|day|days|week|weeks|month|months|year|years|hour|hours|minute|minutes|morning|afternoon|evening|night|time|times|end|lot|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|hundred|thousand|half|couple|number|new|old|big|small|long|short|early|late|later|soon|high|low|full|better|best|worse|worst|whole|real|different|main|people|person|part|side|way|point|case|fact|place|problem|issue|question|idea|reason|example|later|enough|instead|together|without|within|including|ready|happy|nice|sorry|went|gone|seen|made|done|getting|never|always|often|sometimes|ever|else|however|though|although|unless|least|less|many|another|everybody|somebody|anybody|nobody|hopefully|maybe|decision|action|item|items|topic|okay|yeah|meeting|today's|please|percent)$/iu,
  clinical: {
    announced:
      /^(?:(?<subjective>subjective|chief\s+complaint|history)|(?<objective>objective|(?:on\s+)?exam(?:ination)?|vitals?(?:\s+signs)?)|(?<assessment>assessment|impression|diagnosis)|(?<plan>plan|treatment))\s*(?:[:,]|is\b|shows?\b|are\b)/iu,
    subjective:
      /\b(?:i\s+(?:feel|felt|have(?:\s+been)?|had|get|can['’]?t|cannot|noticed|woke|wake|take|took|don['’]t|didn['’]t|couldn['’]t|vomited|threw|slept|was|started|stopped|am\s+(?:tired|dizzy|worried)|smoke|drink)|i['’](?:m|ve)\s|my\s+(?:head|chest|back|stomach|knee|throat|leg|arm|shoulder|neck|pain|appetite|sleep|ear|eye|foot|hip|breathing|mother|father|cough)|hurts?|painful|pain(?!\s*(?:killer|relief))|ache[sd]?|aching|headaches?|nause(?:a|ous)|dizz(?:y|iness)|tired(?:ness)?|fatigue|cough(?:ing)?|fever(?:ish)?|chills|itch(?:y|ing)|sore|numb(?:ness)?|tingling|short(?:ness)?\s+of\s+breath|patient\s+(?:reports?|states?|says|complains?|denies|describes|notes|feels)|(?:reports?|complains?\s+of|denies|complaining\s+of|presents?\s+with)\b|since\s+(?:yesterday|last|monday|tuesday|wednesday|thursday|friday|saturday|sunday|the\s+weekend)|for\s+(?:the\s+(?:last|past)|about|two|three|four|five|six|a\s+few|several)\s|allerg(?:y|ic|ies)|history\s+of|family\s+history|worse|better\s+when|comes\s+and\s+goes|vomit(?:ing|ed)?|diarrh\p{L}+|appetite|sleep(?:ing)?\b)/iu,
    objective:
      /\b(?:blood\s+pressure|heart\s+rate|pulse|temperature|respirat\p{L}+\s+rate|oxygen|saturation|sats?|spo2|bpm|mmhg|degrees|bmi|weigh(?:s|t)?|\d+\s+over\s+\d+|\d+\/\d+|exam(?:ination)?|on\s+(?:exam|inspection|palpation|auscultation)|auscultation|palpat\p{L}+|lungs?\s+(?:are|is|sound)|clear\s+(?:to|bilaterally|on)|breath\s+sounds|murmur|abdomen|tender(?:ness)?|swelling|swollen|redness|rash|range\s+of\s+motion|reflex(?:es)?|pupils?|x-?ray|ecg|ekg|mri|ct\s+scan|ultrasound|lab(?:s|oratory)?|blood\s+(?:test|count|sugar|work)|white\s+(?:cell|blood)|h(?:a)?emoglobin|glucose|creatinine|cholesterol|culture|results?\s+(?:show|are|came)|shows?|reveals?|afebrile|alert\s+and\s+oriented|vital(?:s|\s+signs)|throat\s+is|ears?\s+(?:is|are)|tonsils|i\s+(?:can\s+)?(?:see|hear|feel)\s+(?:some|a|no|the))\b/iu,
    assessment:
      /\b(?:diagnos\p{L}+|assessment|impression|consistent\s+with|most\s+likely|likely|probably|suggests?|suggestive|suspect(?:ed)?|rule\s+out|ruled\s+out|differential|looks\s+like|sounds\s+like|appears\s+to\s+be|indicat\p{L}+|this\s+is\s+(?:a|an|most|probably)|well\s+controlled|poorly\s+controlled|uncontrolled|stable|improving|worsening|resol(?:ved|ving)|secondary\s+to|due\s+to|viral|bacterial|infection|hypertension|diabetes|migraine|tension\s+headache|strain|sprain|pneumonia|bronchitis|asthma|arthritis|an?(?:a)?emia|not\s+concerned|no\s+sign\s+of|i\s+think\s+(?:it|this|you|that)|in\s+my\s+opinion)\b/iu,
    plan: /\b(?:prescri\p{L}+|start(?:ing)?\s+(?:you\s+)?(?:on|with|her|him|the)|continue\s+(?:with|the|taking|your|on|her|his)|increase|decrease|stop\s+(?:taking|the)|milligrams?|mg|twice\s+(?:a\s+day|daily)|once\s+(?:a\s+day|daily)|three\s+times\s+(?:a\s+day|daily)|every\s+(?:\w+\s+)?hours|follow[- ]?up|come\s+back|return\s+(?:in|if|to)|refer(?:ral|red)?|order(?:ing)?\s+(?:a|an|some|the|blood)|schedule|recheck|monitor|advise[ds]?|recommend|rest\b|plenty\s+of|drink\s+(?:plenty|lots|more)|avoid|physical\s+therapy|physio(?:therapy)?|take\s+(?:this|these|it|one|two|the|ibuprofen|paracetamol)|we(?:['’]ll|\s+will|\s+should)|i(?:['’]ll|\s+will|['’]d\s+like\s+you|\s+want\s+you)|let['’]?s|call\s+(?:us|me|if)|if\s+(?:it|you|the\s+\p{L}+)\s+(?:gets?|does|feel|have|develop|persists?)|plan\s+is|education|counsel\p{L}+|in\s+(?:one|two|three|four|six)\s+(?:weeks?|months?|days))\b/iu,
  },
};
