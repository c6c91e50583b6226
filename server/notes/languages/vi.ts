import { vi as chrono } from 'chrono-node';
import { type NotesLanguage, nothing, opening, wordList, words } from './language.ts';

const task = String.raw`(?=\s+\p{L})`;

export const vi: NotesLanguage = {
  code: 'vi',
  locale: 'vi-VN',
  headings: {
    summary: 'Tóm tắt',
    decisions: 'Quyết định',
    actions: 'Việc cần làm',
    questions: 'Câu hỏi còn mở',
    moments: 'Điểm chính',
    answers: 'Hỏi và đáp',
    subjective: 'Chủ quan',
    objective: 'Khách quan',
    assessment: 'Đánh giá',
    plan: 'Kế hoạch',
    about: 'Ghi chú',
  },
  phrases: {
    unknown: 'không rõ',
    nothing: 'Không có.',
    noSpeech: 'Không có lời nói nào trong bản ghi này.',
    and: 'và',
    recordingOf: 'Bản ghi ngày',
    due: 'hạn',
    marked: 'Đánh dấu',
    languageModelFailed: 'Không dùng được mô hình ngôn ngữ; ghi chú này được viết mà không có nó.',
    droppedLines: (count) => `Đã bỏ ${count} dòng của mô hình ngôn ngữ vì không có căn cứ.`,
    templateFailed: 'Không đọc được mẫu ghi chú; đã dùng mẫu “meeting”.',
  },
  parseDates: (text, reference) => chrono.parse(text, reference, { forwardDate: true }),
  deadlines: words(
    '(?:trước|sau|đến|cho đến)\\s+(?:khi\\s+|buổi\\s+|cuộc\\s+)?\\p{L}+(?:\\s+\\p{L}+)?|càng sớm càng tốt|ngay|hôm nay|ngày mai|mai|tuần này|tuần sau|tuần tới|tháng này|tháng sau|tháng tới',
  ),
  deadlineLead: /(?<!\p{L})(?:(?:trước|vào|đến|cho đến|chậm nhất|muộn nhất|trong)\s+(?:ngày\s+)*)+$/iu,
  endOf: /(?<!\p{L})(?:(?:trước|vào)\s+)?cuối\s+(ngày|tuần|tháng|quý|năm)(?:\s+(?:này|sau|tới))?(?!\p{L})/iu,
  stopWords: wordList(
    `à ạ ấy anh bạn bị bởi các cái cần chị cho chỉ chúng chưa có còn cô của cũng cùng chúng_tôi đã đang đây để đến đều đi
    đó được em gì hay hơn không khi là lại lên lúc mà mình mỗi một này nào nên nếu nhé nhiều như nhưng những nó ở ông bà 
    rằng rất rồi sau sẽ số tại tất ta tôi thì thế theo trên trong trước từ và vẫn vào vậy về vì việc với vừa xin vâng dạ
    ừ ok thôi đấy nha luôn hai ba mai hôm nay ngày tuần`,
  ),
  spellings: [],
  sentenceStarts: /(?!)/gu,
  fillers: /(?<![\p{L}'’-])(?:ờ+|ừm+|à ờ|ơ+)(?![\p{L}'’-])[,.…]*/giu,
  openers: opening(
    String.raw`(?:ok|vâng|dạ|ừ|rồi|vậy|thế|và|nhưng|thì|tốt|được rồi|cảm ơn|bây giờ|tiếp theo)[,.!:;\s]+(?=\p{L})`,
  ),
  runBreaks: /(?<=\s)(?:và sau đó|chúng ta cần|tôi sẽ|em sẽ|anh có thể|chị có thể|bạn có thể)(?=\s)/giu,
  teams: String.raw`(?:phòng\s+(?:kế\s+toán|nhân\s+sự|kinh\s+doanh|kỹ\s+thuật|marketing)|(?:đội|nhóm)\s+\p{L}+)`,
  acronymTeams: [],
  forms: 'anh|chị|em|cô|chú|bác|ông|bà|bạn',
  personContexts: [
    String.raw`(?<!\p{L})(?:[Aa]nh|[Cc]hị|[Ee]m|[Cc]ô|[Cc]hú|[Bb]ác|[Ôô]ng|[Bb]à|[Bb]ạn)\s{word}(?!\p{L})`,
    String.raw`(?:^|[,.;:?!]\s){word}\s(?:sẽ|phải|cần|có\sthể|phụ\strách)\s`,
    String.raw`(?:^|[,.;:?!]\s){word}\sơi`,
    String.raw`,\s{word}[.?!]$`,
  ],
  notPeople: wordList('tôi chúng ai mọi không thứ tháng ngày tuần'),
  tasks: [
    { kind: 'charge', who: 'nobody', pattern: String.raw`(?:việc\s+cần\s+làm|nhiệm\s+vụ)\s*(?:là|:)` },
    {
      kind: 'request',
      who: 'named',
      pattern: String.raw`{who}(?:\s+ơi)?,?\s+(?:(?:anh|chị|em|bạn)\s+)?(?:có\s+thể|làm\s+ơn|hãy|giúp)${task}`,
    },
    { kind: 'promise', who: 'named', pattern: String.raw`{who}\s+(?:sẽ|phải|cần|nên)${task}` },
    {
      kind: 'charge',
      who: 'named',
      pattern: String.raw`{who}\s+(?:phụ\s+trách|chịu\s+trách\s+nhiệm|lo)${task}`,
    },
    { kind: 'request', who: 'nobody', pattern: String.raw`ai\s+(?:có\s+thể|sẽ|làm|muốn)${task}` },
    {
      kind: 'request',
      who: 'addressee',
      pattern: String.raw`(?:anh|chị|em|bạn)\s+(?:có\s+thể|làm\s+ơn|giúp)${task}`,
    },
    { kind: 'promise', who: 'speaker', pattern: String.raw`(?:tôi|mình|em|con)\s+sẽ${task}` },
    { kind: 'need', who: 'speaker', pattern: String.raw`(?:tôi|mình)\s+(?:phải|cần)${task}` },
    { kind: 'offer', who: 'speaker', pattern: String.raw`(?:tôi|mình|em)\s+có\s+thể${task}` },
    {
      kind: 'need',
      who: 'nobody',
      pattern: String.raw`(?:chúng\s+ta|chúng\s+tôi|chúng\s+mình|ai\s+đó)\s+(?:phải|cần)${task}`,
    },
  ],
  clauseStart: String.raw`[,;:.!?–—-]\s*|(?<!\p{L})(?:và|nhưng|thì|rằng|vậy|vâng|dạ)\s+`,
  clauseJoint: /[\s,;]*(?:(?<!\p{L})(?:và|nhưng|rồi))?[\s,;]*$/iu,
  notTasks: opening(String.raw`\s*(?:nói|thấy|nghĩ|là|không|bắt\s+đầu|nghe|xem\s+sao|biết)`),
  decisionVerbs: nothing,
  haveReady: nothing,
  dayOfMonth: nothing,
  hypothetical: words('có lẽ|có thể là|nếu|giá mà|biết đâu|lẽ ra|một ngày nào đó'),
  soft: words('nên'),
  mereQuestion: nothing,
  pronounTask: /^\s*(?:làm|lo|nhận)?(?:\s*(?:việc\s+)?(?:đó|này|nó|ấy))?(?:\s+(?:nhé|cho))?[\s.,!?]*$/iu,
  agenda: nothing,
  absence: nothing,
  bareTask: nothing,
  conditional: words('nếu'),
  past: words('hôm qua|tuần trước|tháng trước'),
  handover: words('thay'),
  pointsAway: opening('nó|cái đó|điều đó|việc đó|đó'),
  topicLead: /^(?:còn về|còn|về|tiếp theo)(?!\p{L})[,:\s]*/iu,
  topicTail: nothing,
  pronounObject: words('nó|cái đó|việc đó|việc này|điều đó'),
  taskTail:
    /(?:[,\s]+(?:nhé|nha|ạ|được không|không|giúp (?:tôi|em|mình)|và|vì .*|để .*(?=$)|nếu .*)|\s*[,.;:!?–—-]+)\s*$/iu,
  acceptance: opening(
    'vâng|dạ|được|ok|đồng ý|tất nhiên|không vấn đề|em làm|tôi làm|để (?:tôi|em)|rồi|tốt|nhất trí|cảm ơn',
  ),
  refusal: opening(
    '(?:(?:xin lỗi|tiếc là)[,.\\s]+)*(?:không(?! vấn đề| sao)|xin lỗi|tôi không thể|em không thể|tôi bận|em bận)',
  ),
  done: words('đã (?:làm|gửi|xong) rồi'),
  thanks: String.raw`^(?:cảm ơn|tốt|tuyệt),?\s+(?<thanked>(?:(?:anh|chị|em|bạn)\s+)?{name})`,
  retraction: words('bỏ qua|thôi khỏi|không cần nữa|hủy (?:việc )?đó|quên (?:việc )?đó đi'),
  namesRetracted: nothing,
  reschedule: words('thì hơn|đổi thành|chuyển sang|chậm nhất|được'),
  negation: words('không|chưa|chẳng|đừng|chả'),
  notProgress: nothing,
  recap: words('tóm lại|tổng kết|các bước tiếp theo'),
  decisions: {
    explicit: [
      words(
        '(?:chúng ta|chúng tôi|nhóm|ban giám đốc|cả nhóm)\\s+(?:đã\\s+|vừa\\s+|cùng\\s+)*(?:quyết định|thống nhất|nhất trí|đồng ý|chọn|chốt)',
      ),
      words('quyết định (?:là|cuối cùng)|đã (?:chốt|quyết định|thống nhất)|chốt (?:là|phương án)'),
    ],
    together: nothing,
    concluded: nothing,
    fragment: nothing,
    not: words('(?:chưa|vẫn chưa|không)\\s+(?:quyết định|thống nhất|chốt)|tuần trước|tháng trước'),
    proposal: words('tôi đề nghị|tôi đề xuất|em đề xuất|hay là|chúng ta nên|chúng ta có thể|hãy'),
    alternatives: /(?<!\p{L})(?:hay|hoặc)\s+(?!not(?!\p{L}))\p{L}/iu,
    hedged: words('có lẽ|một lúc nào đó'),
    proposalLead: opening('tôi đề nghị|tôi đề xuất|em đề xuất|vậy'),
    continued: nothing,
    pointsBack: opening('(?:(?:ok|vâng|vậy)[,.\\s]+)*(?:chốt|quyết định vậy|cứ thế|thống nhất)'),
    settled: words('chốt|quyết định|thống nhất'),
    agreement: opening('đồng ý|vâng|được|ok|ý hay|nhất trí|tốt|tán thành|chốt'),
    rejection: opening('không|tôi không nghĩ|đắt quá|sớm quá|muộn quá|nhưng|có lẽ|để xem'),
  },
  questions: {
    opening: opening('ai|cái gì|khi nào|ở đâu|tại sao|vì sao|làm sao|bao nhiêu|bao giờ|có phải'),
    rhetorical:
      /(?:(?:đúng không|phải không|nhé|được chứ|nhỉ)\?$)|^(?:mọi người nghe rõ|có nghe|có câu hỏi)[^?]{0,30}\?$/iu,
    unknown: words(
      'không biết|chưa biết|không rõ|chưa rõ|không chắc|câu hỏi hay|để xem|phải kiểm tra|còn tùy',
    ),
    explicit: words('câu hỏi còn mở|(?:chưa|không) (?:biết|rõ) (?:liệu|ai|khi nào|bao giờ|thế nào)'),
    moveOn: opening('tiếp theo|chuyển sang|cảm ơn mọi người|tạm biệt'),
  },
  procedural: words('bắt đầu thôi|chúng ta bắt đầu|chuyển sang|nói về|xem xét|nghỉ giải lao'),
  emphasis: words(
    'quan trọng|khẩn cấp|vấn đề là|rủi ro|nhất định|phần trăm|triệu|tỷ|tuyệt đối|hạn chót|lớn nhất',
  ),
  notTitle: words('tuần|ngày|tháng|năm|giờ|vấn đề|câu hỏi|người|điểm|làm|gửi|chuẩn|bị'),
  clinical: {
    announced: opening(
      '(?<subjective>chủ quan|bệnh sử|lý do khám)|(?<objective>khách quan|khám)|(?<assessment>đánh giá|chẩn đoán)|(?<plan>kế hoạch|điều trị)',
    ),
    subjective: words(
      'đau|tôi (?:bị|thấy|cảm thấy)|em (?:bị|thấy)|buồn nôn|chóng mặt|mệt|sốt|ho|từ (?:hôm qua|\\p{L}+ ngày)|bệnh nhân (?:than|khai|nói|cho biết)|mất ngủ|ngứa|dị ứng',
    ),
    objective: words(
      'huyết áp|mạch|nhiệt độ|độ|phổi|tim|bụng|khám|sưng|đỏ|x-quang|điện tim|xét nghiệm|siêu âm|spo2',
    ),
    assessment: words('chẩn đoán|có khả năng|nghi ngờ|phù hợp với|nhiễm trùng|viêm|cúm|có vẻ|đây là'),
    plan: words(
      'kê đơn|miligam|mg|ngày (?:một|hai|ba) lần|tái khám|chuyển|nghỉ ngơi|uống|hẹn|theo dõi|trong (?:một|hai|ba|bốn) tuần',
    ),
  },
};
