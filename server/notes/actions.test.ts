import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findActions } from './actions.ts';
import { monday, spoken } from './fixtures/spoken.ts';
import { languageOf } from './languages/languages.ts';
import { findPeople } from './people.ts';
import { toSentences } from './sentences.ts';

function actionsOf(lines: readonly string[], language = 'en'): string[] {
  const cues = languageOf(language);
  const sentences = toSentences(spoken(lines, language), cues);
  const people = findPeople(sentences, cues);
  return findActions({ sentences, language: cues, people, startedAt: monday }).map(
    ({ who, what, when, dueOn }) => [who, what, when, ...(dueOn === undefined ? [] : [dueOn])].join(' | '),
  );
}

function suite(
  name: string,
  cases: readonly (readonly [lines: readonly string[], expected: readonly string[]])[],
) {
  for (const [lines, expected] of cases) {
    test(`${name}: ${lines.join(' / ')}`, () => assert.deepEqual(actionsOf(lines), expected));
  }
}

suite('assigned by name', [
  [
    ['Tom will send the slides to the client by Thursday.'],
    ['Tom | Send the slides to the client | by Thursday | 2026-11-26'],
  ],
  [
    ['Grace, could you book the flights tomorrow?', 'Sure.'],
    ['Grace | Book the flights | tomorrow | 2026-11-24'],
  ],
  [['Could you book the flights, Grace?'], ['Grace | Book the flights | unknown']],
  [['Can Henry check the invoices before the audit?'], ['Henry | Check the invoices | before the audit']],
  [["Let's get Olivia to draft the press release."], ['Olivia | Draft the press release | unknown']],
  [
    ['I need Victor to sign the lease by the end of the month.'],
    ['Victor | Sign the lease | by the end of the month | 2026-11-30'],
  ],
  [['Diego has to renew the licence next Friday.'], ['Diego | Renew the licence | next Friday | 2026-12-04']],
  [
    ['Action item for Yuki: prepare the demo environment.'],
    ['Yuki | Prepare the demo environment | unknown'],
  ],
  [
    ['Anna and Ben will prepare the workshop until Wednesday.'],
    ['Anna and Ben | Prepare the workshop | until Wednesday | 2026-11-25'],
  ],
  [
    ['Tom will update the deck and Priya will send it to the board on Friday.'],
    ['Tom | Update the deck | unknown', 'Priya | Send it to the board | on Friday | 2026-11-27'],
  ],
  [
    ['The design team will deliver the icons by December third.'],
    ['Design team | Deliver the icons | by December third | 2026-12-03'],
  ],
  [
    ['Marketing needs to approve the banner before the launch.'],
    ['Marketing | Approve the banner | before the launch'],
  ],
  [
    ['Nina, please forward the contract to legal today.'],
    ['Nina | Forward the contract to legal | today | 2026-11-23'],
  ],
  [
    ['By Friday, Lucas will have a first draft of the report.'],
    ['Lucas | Have a first draft of the report | By Friday | 2026-11-27'],
  ],
  [['Sarah is sending the samples tomorrow.'], ['Sarah | Sending the samples | tomorrow | 2026-11-24']],
  [
    ['Dr. Osei will call the patient this afternoon.'],
    ['Dr. Osei | Call the patient | this afternoon | 2026-11-23'],
  ],
  [['Maya agreed to review the translation.'], ['Maya | Review the translation | unknown']],
  [['Kwame, can you order more paper?', 'Will do.'], ['Kwame | Order more paper | unknown']],
]);

suite('first person', [
  [["I'll write the minutes."], ['unknown | Write the minutes | unknown']],
  [["me: I'll write the minutes by tomorrow."], ['me | Write the minutes | by tomorrow | 2026-11-24']],
  [['them: Can you send me the logo?', 'me: Sure, will do.'], ['me | Send me the logo | unknown']],
  [
    ['Tom, how is the report going?', "Fine. I'll finish it by Wednesday."],
    ['Tom | Finish it (the report) | by Wednesday | 2026-11-25'],
  ],
  [['Helga: I need to call the plumber before lunch.'], ['Helga | Call the plumber | before lunch']],
]);

suite('nobody named', [
  [['We need to fix the backup before the weekend.'], ['unknown | Fix the backup | before the weekend']],
  [['Someone has to water the plants.'], ['unknown | Water the plants | unknown']],
  [
    ['The contract has to be signed by Friday.'],
    ['unknown | The contract has to be signed | by Friday | 2026-11-27'],
  ],
  [['Who can take the notes?', 'I can.'], ['unknown | Take the notes | unknown']],
  [['Who is going to call the venue?', 'Hannah.'], ['Hannah | Call the venue | unknown']],
  [
    ["Don't forget to submit the timesheets by noon."],
    ['unknown | Submit the timesheets | by noon | 2026-11-23'],
  ],
]);

suite('pointing back', [
  [
    ['We have to answer the auditors.', 'Paula, can you do that by Monday?'],
    ['Paula | Answer the auditors | by Monday | 2026-11-30'],
  ],
  [
    ['Somebody must clean the fridge.', "I'll do it.", 'Thanks, Simon.'],
    ['Simon | Clean the fridge | unknown'],
  ],
  [
    ['Felix, can you test the backup?', 'Yes, by Thursday.'],
    ['Felix | Test the backup | by Thursday | 2026-11-26'],
  ],
  [
    ['Rosa will print the posters by Tuesday.', 'Actually, make that Wednesday.'],
    ['Rosa | Print the posters | Wednesday | 2026-11-25'],
  ],
]);

suite('taken back or refused', [
  [["I'll order the pizza.", 'Actually, scrap that.'], []],
  [['Emil, can you drive to the airport?', "Sorry, I can't, I'm away."], []],
  [
    ['Emil, can you drive to the airport?', "No, I'm away.", 'Okay, Zoe, can you do it?', 'Yes.'],
    ['Zoe | Drive to the airport | unknown'],
  ],
  [
    [
      'Tom will write the newsletter.',
      'Ann will fix the printer.',
      'Forget the newsletter, nobody reads it.',
    ],
    ['Ann | Fix the printer | unknown'],
  ],
  [['Jonas will rent a van on Friday.', 'Never mind, we can use mine.'], []],
]);

suite('no action', [
  [['I sent it yesterday.'], []],
  [['Tom finished the report last week.'], []],
  [['Maybe Tom will write a blog post.'], []],
  [['If the client agrees, I will call the bank.'], []],
  [['I would have called the bank.'], []],
  [['We could rewrite the importer.'], []],
  [['I was going to call her.'], []],
  [["I'll be on holiday next week."], []],
  [["Tom won't send the report."], []],
  [["You don't need to send the report."], []],
  [["I think we'll see more growth next year."], []],
  [["I'll say this: it was hard work."], []],
  [['Can you hear me?', 'Yes.'], []],
  [['Will Tom be there tomorrow?'], []],
  [['It will rain on Friday.'], []],
  [['We will lose money if nothing changes.'], []],
  [['Let me share my screen.', 'Okay.'], []],
  [['The customers need to understand the price.'], []],
  [['I have to admit it looks good.'], []],
]);

test('the same task said twice is one, with all its evidence', () => {
  assert.deepEqual(
    actionsOf([
      'Priya will send the budget to finance.',
      'Good.',
      'To recap, Priya sends the budget to finance by Friday.',
    ]),
    ['Priya | Send the budget to finance | by Friday | 2026-11-27'],
  );
});

test('text without punctuation and capitals gives the same tasks', () => {
  assert.deepEqual(
    actionsOf([
      'okay so um tom will send the slides by thursday and then priya can you uh book the room',
      'sure',
    ]),
    ['Tom | Send the slides | by thursday | 2026-11-26', 'Priya | Book the room | unknown'],
  );
});

suite('who promised is who is answered by name', [
  [
    ["I'll bake the cake for the party.", 'Of course, Laura.'],
    ['Laura | Bake the cake for the party | unknown'],
  ],
  [["I'll call the plumber today.", 'Good, Robert.'], ['Robert | Call the plumber | today | 2026-11-23']],
  [
    ["I'll bake the cake for the party.", 'How is the garden, Laura?'],
    ['unknown | Bake the cake for the party | unknown'],
  ],
]);

suite('a day that is told later', [
  [
    [
      "Tom, you'll change the template.",
      'It is a small file.',
      'Thanks.',
      'It was long overdue.',
      'When can we have it?',
      'By Monday.',
    ],
    ['Tom | Change the template | By Monday | 2026-11-30'],
  ],
  [
    ["Priya, you're on invoices again.", 'They all have to be booked by Tuesday.'],
    ['Priya | Invoices again | by Tuesday | 2026-11-24'],
  ],
  [
    ["Tom, you'll shorten the report.", 'Next, the conference.', 'The deadline is on the thirtieth.'],
    ['Tom | Shorten the report | unknown'],
  ],
]);

suite('what only sounds like a task', [
  [['Should we go back to the old form?', "Please don't. The new one is clearer."], []],
  [["I'm teaching all day tomorrow."], []],
  [["We'll survive."], []],
]);

suite('how somebody helps is said by who agrees', [
  [
    ['Ben, would you give Priya a hand?', 'I can take the travel expenses.'],
    ['Ben | Take the travel expenses | unknown'],
  ],
]);

suite('sentences that a recognizer joined', [
  [
    ['Somebody has to fix the door.', 'I will call the locksmith this week, thank you, Nora.'],
    ['Nora | Call the locksmith (fix the door) | this week'],
  ],
  [
    ["I'll water the plants tomorrow Your roses look sad."],
    ['unknown | Water the plants | tomorrow | 2026-11-24'],
  ],
  [
    ['Nora.', 'Can you ask the landlord for a key?', "Sure, I'll do that tomorrow."],
    ['Nora | Ask the landlord for a key | tomorrow | 2026-11-24'],
  ],
]);

suite('"you" after a long answer', [
  [
    [
      'Ruth, did you meet the statistician?',
      'I met her yesterday.',
      'She likes the model.',
      'She gave me her code.',
      'Great.',
      'Could you run it on the spring data before our next meeting?',
      'I think so, yes.',
    ],
    ['Ruth | Run it on the spring data | before our next meeting'],
  ],
  [
    [
      'Ruth, did you meet the statistician?',
      'I met her yesterday.',
      'Jonas saw her, too.',
      'She gave us her code.',
      'Could you run it on the spring data before our next meeting?',
      'I think so, yes.',
    ],
    ['unknown | Run it on the spring data | before our next meeting'],
  ],
]);
