/** Common given names, so that people are found in text without capitals too. Not meant to be complete. */
export const givenNames: ReadonlySet<string> = new Set(
  `aaron abby abdul abigail adam adrian ahmed aisha alan albert alejandro alex alexander alexandra alexis ali alice alicia alina alison
  amanda amelia amina amy ana anders andre andrea andreas andrew andy angela anita anjali anke ann anna anne annika
  anthony antoine anton antonio arjun arthur astrid audrey barbara beatriz ben benjamin bernard bernd bert beth bianca birgit bjorn
  bob boris brandon brian bridget bruno caleb camila camille carl carla carlos carmen carol caroline catherine cecilia
  charles charlie charlotte chen chloe chris christian christina christine christopher claire clara claudia claudio
  connor craig cristina cynthia daniel daniela danielle dave david deborah deepak denise dennis derek diana diane diego
  dieter dimitri dmitri dominic donald donna doris dorothy doug duc dylan edgar eduardo edward elena eleni eli elias
  elizabeth ella ellen emily emma emmanuel enrique eric erica erik erika erin esther ethan eva evan evelyn fatima
  felipe felix fernanda fernando fiona florian francesca francisco francois frederik gabriel gabriela garcia gary
  george georg gerald gina giovanni giulia gloria gordon greg gregory greta guillaume gustavo hannah hans harold harry
  hassan heather heidi heike heinz helen helena helga henri henrik henry hiroshi holger hugo ian ibrahim ines ingrid
  irene isaac isabel isabella isabelle ivan jacob jake james jamie jan jana jane janet jason javier jean jeff jeffrey
  jennifer jenny jens jeremy jerry jessica jesus jim jimmy joan joao joanna joao joe joel johan johann johanna johannes
  john johnny jon jonas jonathan jordan jorge jose joseph josh joshua juan judith julia julian julie julien juliette
  jurgen justin kai karen karim karin karl karla katarina kate katharina katherine kathleen kathryn kathy katie katja
  katrin keith kelly ken kenji kenneth kevin khalid kim klaus kristen kristin kumar kurt kyle lan lara larry lars laura
  lauren laurent leah lena leo leon leonardo leonie leila li liam lily linda ling linh lisa liz lorenzo louis louise
  luca lucas lucia lucy luis luisa luka lukas luke lydia magdalena maja malik mandy manfred manuel marc marcel marco
  marcos marcus margaret maria mariana marie marina mario marion markus marta martha martin martina mary mateo mathilde
  matt matthew matthias maurice max maya megan mehmet mei melanie melissa mia michael michel michelle miguel mike mikhail
  minh miriam mohammed mohamed monica monika nadia nancy naomi natalia natalie natasha nathan neha neil nguyen nicholas
  nick nicolas nicole niklas nikolai nils nina noah noor nora norbert oleg olga oliver olivia omar oscar otto pablo
  pamela paolo patricia patrick paul paula paulo pavel pedro peter petra phil philip philipp philippe phuong pierre
  priya quinn rachel rafael rahul rainer raj ralf ralph ramon rebecca regina renate renee ricardo richard rick rita
  robert roberto robin roger roland ron ronald rosa ross roxana ruben rudolf russell ruth ryan sabine sabrina salma sam
  samantha samir samuel sandra sanjay santiago sara sarah sasha scott sean sebastian sergei sergio shannon sharon sheila
  silvia simon simone sofia sonia sonja sophia sophie stefan stefanie stella stephan stephanie stephen steve steven
  stuart susan susanne suresh svetlana sven sylvia tamara tanja tanya tara tariq ted teresa thanh theo theresa thomas
  thorsten tiffany tim timothy tina tobias todd tom tomas tony tracy trevor tuan ulrich ulrike ursula uwe valentina
  valerie vanessa vera veronica victor victoria vijay vincent viktor vladimir walter wendy werner wolfgang xavier yan
  yasmin yuki yusuf yves yvonne zach zachary zoe
  agnes aidan aileen akira albin alexandre alfred alfredo alistair alma amir angus anil antonia arnold arturo
  asha ashley ayesha aziz beata becky belinda benedict benny bernadette bertha bilal blake bonnie brad brenda
  brent bruce bryan callum cameron carlo carolyn casey cedric celia chandra chantal cheryl chiara clare clement
  colin connie constance corinna curtis daisy damian damien dana darren deepa delia desmond devon dolores
  dominique doreen duncan dustin dwayne edith edmund edwin eileen eleanor elisa elisabeth elise ellie elsa
  emilio emilia enzo ernest ernst estelle eugene eve farah fabian fabio fay felicia ferdinand finn francine
  fred freddie frida gavin geoff gerard gerda gilbert giles ginny glenn graham gunther gwen hamid hanna harriet
  harvey hector hilary hilda howard hubert ida ignacio igor ilse imran inga ingo irina irma isaiah isla ismail
  jackie jacqueline jasper jay jeanne jenna jill joachim joanne jodie jonah josefina josephine joyce juergen
  juliana jutta kamal kara karina karsten kayla kendra kerstin kiran kirsten konrad kristina kristof lambert
  lana laszlo leslie lewis liesel lionel lola lorna lorraine louisa lucien ludwig luigi lynn mabel madeleine
  magnus maik malcolm marcela marcin margot marianne marilyn marisol marlene marlon marvin mathias matteo
  maureen mauro melinda mercedes michele mick mila mirjam mitchell moritz morgan murat nabil nadine nathalie
  naveen nicola nigel nikhil nikita noel noreen oksana ophelia orlando oswald otis owen pam pascal paulina
  penelope perry philippa phoebe pia piotr preston rajesh ramesh raquel raul ravi raymond reinhard rene rhonda
  ricky robbie roberta rodrigo roman rosemary rowan roy rudolph rupert sacha sally salvador samira sandy
  sanjeev saskia savannah selena selma seth shane shawn shirley sigrid silas silke simona sina sonya spencer
  stacey stan stanley stefano steffen sunil susi suzanne sybille sylvie terry tessa thea theodor therese timo
  toby toni tristan ulla umberto ursel vicky vikram vince virginia vivian wayne wendell wilhelm wilma winston
  wolf yara yolanda yuri yvette zara zeynep zoltan`
    .split(/\s+/)
    .filter(Boolean),
);

/** Given names that are words as well: people only where they are written and placed like people. */
export const ambiguousNames: ReadonlySet<string> = new Set(
  `art april august autumn bill carol chase chance cliff dawn dean drew faith frank gene grace grant guy hope jack joy june
  lance mark may miles nick norm pat pearl penny ray rich rob robin rose rusty sky sue summer victor violet wade will
  dale earl iris ivy jade jasmine jordan kelly li ling long max mai mei lan hoa duc mia rita ross tuan viola sasha jan
  daisy wolf roman eve jay sally kim ken sam pablo ana ali ella chen ron don van hai bao an`
    .split(/\s+/)
    .filter(Boolean),
);
