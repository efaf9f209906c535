/** The texts of the section "Learn". */
export const learnEn = {
  title: 'Which network remembers?',
  intro:
    'Three networks learn the same task from the same examples. Make the delay longer and see which one still remembers what it read at the start.',
  task: 'Task',
  tasks: { wave: 'Wave', recall: 'Recall', order: 'Order', adding: 'Add' },
  about: {
    wave: 'The first step gives the pace of a wave. After a pause, the network has to draw that wave.',
    recall: 'Symbols of four kinds go by. Which one came first?',
    order: 'Two symbols that count, each an X or a Y, are hidden in noise. Was it XX, XY, YX or YY?',
    adding: 'Two of many random numbers are marked. What is their sum?',
  },
  delay: 'Delay',
  delayOf: (steps: string) => `${steps} steps`,
  start: 'Start',
  pause: 'Pause',
  resume: 'Resume',
  again: 'Start over',
  otherSeed: 'Other weights',
  racers: { RNN: 'RNN', GRU: 'GRU', LSTM: 'LSTM' },
  racerNotes: {
    RNN: 'Rewrites its whole state at every step (Elman 1990).',
    GRU: 'Two gates decide how much of the state is kept (Cho et al. 2014).',
    LSTM: 'A cell that is only scaled and added to, controlled by three gates (Hochreiter & Schmidhuber 1997).',
  },
  picture: {
    wave: 'Gray: three waves of the test set. In color: the network’s drawing. A guess has an error of 100%.',
    classes:
      'Each dot is a test sequence: the higher it is, the more probable the right answer is to the network. Filled: the answer is right. Dashed line: a guess.',
    adding:
      'Each dot is a test sequence: the true sum from left to right, the answer from bottom to top. On the diagonal the answer is right. Dashed line: a guess, whose error is 100%.',
  },
  pictureOf: (racer: string, score: string) => `Answers of the ${racer} to the test set: ${score}`,
  right: (share: string) => `${share} right`,
  error: (share: string) => `error ${share}`,
  step: (step: string) => `Step ${step}`,
  waiting: 'Starts when the GPU is ready.',
  racing: 'None of the three has learned the task yet.',
  learned: (racer: string, step: string) => `The ${racer} learned it in ${step} steps.`,
  guessing: (racer: string) => `The ${racer} is still no better than a guess.`,
  learning: (racer: string) => `The ${racer} is still learning.`,
  breaks: (delay: string) =>
    `The plain RNN breaks: over a delay of ${delay} steps it never gets better than a guess, because its gradient vanishes before it reaches the start.`,
  short: (racer: string) => `The ${racer} did not learn it.`,
  over: (step: string) => `The race ended after ${step} steps.`,
  lossTitle: 'Loss',
  lossChart: (steps: string) => `Chart of the loss of the three networks over ${steps} steps`,
  steps: 'Step',
  gradientTitle: 'Gradient by step',
  gradientNote:
    'How much of the gradient at the last step of the test sequence below reaches each step before it. Where it is tiny, the network cannot learn from that step.',
  gradientChart: (left: string) =>
    `Chart of the gradient by step, relative to the last step, on a log scale. At the first step: ${left}`,
  reasonTitle: 'Why the plain RNN forgets',
  reasons: [
    'A plain RNN reads one step after another: h = tanh(W x + U h + b). Only the error at the end can teach it what to keep from the start.',
    'On the way back, that error is multiplied by U at every step, so it shrinks or explodes with the distance: the vanishing gradient. Beyond some delay none of it reaches the start, and the curve stays flat at the level of a guess.',
    'An LSTM also has a cell: c = f · c + i · g. Where the forget gate f is near 1, the error passes back through the cell unchanged for as long as the gate stays open. A GRU does the same with one gate fewer.',
  ],
  gates:
    'These are the actual gates for one test sequence as training changes them: units from top to bottom, time from left to right. The forget gates start open (Jozefowicz et al. 2015), which lets the first gradients through.',
  filmTitle: 'Inside the network as it learns',
  film: 'Replay of the training',
  live: 'Live',
  filmAt: (step: string, newest: string) => `Step ${step} of ${newest}`,
  network: 'Network',
  sequence: 'Test sequence',
  references: 'References',
};

export type LearnTexts = typeof learnEn;

export const learnPt: LearnTexts = {
  title: 'Qual rede se lembra?',
  intro:
    'Três redes aprendem a mesma tarefa com os mesmos exemplos. Aumente o atraso e veja qual delas ainda se lembra do que leu no começo.',
  task: 'Tarefa',
  tasks: { wave: 'Onda', recall: 'Lembrar', order: 'Ordem', adding: 'Somar' },
  about: {
    wave: 'O primeiro passo dá o ritmo de uma onda. Depois de uma pausa, a rede tem de desenhar essa onda.',
    recall: 'Passam símbolos de quatro tipos. Qual veio primeiro?',
    order: 'Dois símbolos que contam, cada um X ou Y, estão escondidos no ruído. Foi XX, XY, YX ou YY?',
    adding: 'Dois de muitos números aleatórios estão marcados. Quanto é a soma deles?',
  },
  delay: 'Atraso',
  delayOf: (steps) => `${steps} passos`,
  start: 'Começar',
  pause: 'Pausar',
  resume: 'Continuar',
  again: 'Recomeçar',
  otherSeed: 'Outros pesos',
  racers: { RNN: 'RNN', GRU: 'GRU', LSTM: 'LSTM' },
  racerNotes: {
    RNN: 'Reescreve todo o seu estado a cada passo (Elman 1990).',
    GRU: 'Duas portas decidem quanto do estado é mantido (Cho et al. 2014).',
    LSTM: 'Uma célula que só é multiplicada e somada, controlada por três portas (Hochreiter & Schmidhuber 1997).',
  },
  picture: {
    wave: 'Em cinza: três ondas do conjunto de teste. Em cor: o desenho da rede. Um palpite tem um erro de 100%.',
    classes:
      'Cada ponto é uma sequência de teste: quanto mais alto, mais provável é a resposta certa para a rede. Cheio: a resposta está certa. Linha tracejada: um palpite.',
    adding:
      'Cada ponto é uma sequência de teste: a soma certa da esquerda para a direita, a resposta de baixo para cima. Na diagonal ela está certa. Linha tracejada: um palpite, cujo erro é 100%.',
  },
  pictureOf: (racer, score) => `Respostas da ${racer} ao conjunto de teste: ${score}`,
  right: (share) => `${share} certas`,
  error: (share) => `erro ${share}`,
  step: (step) => `Passo ${step}`,
  waiting: 'Começa quando a GPU estiver pronta.',
  racing: 'Nenhuma das três aprendeu a tarefa ainda.',
  learned: (racer, step) => `A ${racer} aprendeu em ${step} passos.`,
  guessing: (racer) => `A ${racer} ainda não é melhor que um palpite.`,
  learning: (racer) => `A ${racer} ainda está aprendendo.`,
  breaks: (delay) =>
    `A RNN simples falha: com um atraso de ${delay} passos ela nunca fica melhor que um palpite, porque o gradiente desaparece antes de chegar ao começo.`,
  short: (racer) => `A ${racer} não aprendeu.`,
  over: (step) => `A corrida terminou depois de ${step} passos.`,
  lossTitle: 'Perda',
  lossChart: (steps) => `Gráfico da perda das três redes ao longo de ${steps} passos`,
  steps: 'Passo',
  gradientTitle: 'Gradiente por passo',
  gradientNote:
    'Quanto do gradiente no último passo da sequência de teste abaixo chega a cada passo anterior. Onde ele é minúsculo, a rede não consegue aprender com aquele passo.',
  gradientChart: (left) =>
    `Gráfico do gradiente por passo, relativo ao último passo, em escala logarítmica. No primeiro passo: ${left}`,
  reasonTitle: 'Por que a RNN simples esquece',
  reasons: [
    'Uma RNN simples lê um passo depois do outro: h = tanh(W x + U h + b). Só o erro no fim pode ensinar o que ela deve guardar do começo.',
    'No caminho de volta, esse erro é multiplicado por U a cada passo e encolhe ou explode com o tamanho do caminho: é o gradiente que desaparece. A partir de certo atraso nada dele chega ao começo, e a curva fica parada no nível de um palpite.',
    'Uma LSTM tem também uma célula: c = f · c + i · g. Onde a porta de esquecimento f está perto de 1, o erro volta pela célula sem mudar enquanto a porta ficar aberta. Uma GRU faz o mesmo com uma porta a menos.',
  ],
  gates:
    'Estas são as próprias portas, para uma sequência de teste, à medida que o treino as muda: unidades de cima para baixo, tempo da esquerda para a direita. As portas de esquecimento começam abertas aqui (Jozefowicz et al. 2015), o que deixa passar os primeiros gradientes.',
  filmTitle: 'Por dentro da rede enquanto aprende',
  film: 'Replay do treino',
  live: 'Ao vivo',
  filmAt: (step, newest) => `Passo ${step} de ${newest}`,
  network: 'Rede',
  sequence: 'Sequência de teste',
  references: 'Referências',
};

/** The works that the texts cite, by author and year. */
export const REFERENCES = [
  ['Elman 1990', 'Finding structure in time', 'https://doi.org/10.1207/s15516709cog1402_1'],
  [
    'Bengio, Simard & Frasconi 1994',
    'Learning long-term dependencies with gradient descent is difficult',
    'https://doi.org/10.1109/72.279181',
  ],
  ['Hochreiter & Schmidhuber 1997', 'Long short-term memory', 'https://doi.org/10.1162/neco.1997.9.8.1735'],
  ['Cho et al. 2014', 'Learning phrase representations using RNN encoder-decoder', 'https://arxiv.org/abs/1406.1078'],
  [
    'Jozefowicz, Zaremba & Sutskever 2015',
    'An empirical exploration of recurrent network architectures',
    'https://proceedings.mlr.press/v37/jozefowicz15.html',
  ],
  ['Olah 2015', 'Understanding LSTM networks', 'https://colah.github.io/posts/2015-08-Understanding-LSTMs/'],
] as const;
