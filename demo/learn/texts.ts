/** The texts of the section "Learn". */
export const learnEn = {
  title: 'Which network remembers?',
  intro:
    'Three networks learn the same task from the same examples. Make the delay longer and see which one still remembers what it read at the start.',
  task: 'Task',
  tasks: { wave: 'Wave', recall: 'Recall', order: 'Order', adding: 'Add' },
  about: {
    wave: 'The first input gives the pace of a wave. After the delay, the network has to draw that wave.',
    recall: 'Symbols of four kinds go by. Which one came first?',
    order:
      'Two letters, each an X or a Y, are hidden among other symbols. In which order did they come: XX, XY, YX or YY?',
    adding: 'Two of many random numbers are marked. What is their sum?',
  },
  delay: 'Delay',
  delayOf: (steps: string) => `${steps} time steps`,
  start: 'Start',
  pause: 'Pause',
  resume: 'Resume',
  again: 'Start over',
  rerun: 'Run again',
  otherSeed: 'New weights',
  racers: { RNN: 'RNN', GRU: 'GRU', LSTM: 'LSTM' },
  racerNotes: {
    RNN: 'Rewrites its whole state at every step (Elman 1990).',
    GRU: 'Two gates decide how much of the state is kept (Cho et al. 2014).',
    LSTM: 'Three gates write to a memory cell, keep it and read it (Hochreiter & Schmidhuber 1997).',
  },
  picture: {
    wave: (learned: string) =>
      `Gray: three waves of the test set. In color: the network’s drawing. A guess has an error of 100%; learned: at most ${learned}.`,
    classes: (learned: string) =>
      `Each dot is a test sequence: the higher it is, the more probable the right answer is to the network. Filled: the answer is right. Dashed line: a guess. Learned: at least ${learned} right.`,
    adding: (learned: string) =>
      `Each dot is a test sequence: the true sum from left to right, the answer from bottom to top. On the diagonal the answer is right. Dashed line: a guess, whose error is 100%; learned: at most ${learned}.`,
  },
  /** Next to a line. */
  guess: 'guess',
  pictureOf: (racer: string, score: string) => `Answers of the ${racer} to the test set: ${score}`,
  right: (share: string) => `${share} right`,
  error: (share: string) => `error ${share}`,
  step: (step: string) => `Training step ${step}`,
  waiting: 'Waiting for the GPU …',
  ready: 'Ready to start.',
  racing: 'None of the three has learned the task yet.',
  learned: (racer: string, step: string) => `The ${racer} learned it after ${step} training steps.`,
  guessing: (racer: string) => `The ${racer} is still no better than a guess.`,
  learning: (racer: string) => `The ${racer} is still learning.`,
  breaks: (delay: string) =>
    `With a delay of ${delay} time steps, the plain RNN breaks: it ends no better than a guess, because its gradient vanishes before it reaches the start.`,
  longer: (delay: string) => `All three remember this far back. Try a longer delay, such as ${delay}.`,
  short: (racer: string) => `The ${racer} did not learn it.`,
  over: (step: string) => `The race ended after ${step} training steps.`,
  lossTitle: 'Loss',
  lossChart: (steps: string) => `Chart of the loss of the three networks over ${steps} training steps`,
  trainingStep: 'Training step',
  timeStep: 'Time step',
  gradientTitle: 'Gradient by time step',
  gradientNote:
    'How much of the gradient at the last time step reaches the state at each step before it, h and the LSTM’s cell c, in the test sequence below. Where it is tiny, the network cannot learn from what it read there.',
  gradientChart: (left: string) =>
    `Chart of the gradient by time step, relative to the last one, on a log scale. At the first step: ${left}`,
  reasonTitle: 'Why the plain RNN forgets',
  reasons: [
    'A plain RNN reads one step after another: h[t] = tanh(W x[t] + U h[t−1] + b), with weights W, U and b. Only the error at the end can teach it what to keep from the start.',
    'On the way back, that error is multiplied by U and by the slope of tanh at every step. Over a long delay it usually shrinks to almost nothing, the vanishing gradient (Bengio et al. 1994), and sometimes explodes. Then the loss stays flat at the level of a guess.',
    'An LSTM also has a cell: c[t] = f · c[t−1] + i · g. Where the forget gate f is near 1, the error passes back through the cell unchanged for as long as the gate stays open. A GRU does the same with one gate fewer.',
  ],
  gates:
    'The actual gates and states for one test sequence as training changes them: units from top to bottom, time from left to right. The LSTM’s forget gates and the GRU’s update gates start open (Jozefowicz et al. 2015), which lets the first gradients through.',
  filmTitle: 'Inside the network as it learns',
  film: 'Replay of the training',
  live: 'Latest',
  filmAt: (step: string, newest: string) => `Training step ${step} of ${newest}`,
  inputAt: (step: number, _name: string, x: string) => `Time step ${step}: input ${x}.`,
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
    wave: 'A primeira entrada dá o ritmo de uma onda. Depois do atraso, a rede tem de desenhar essa onda.',
    recall: 'Passam símbolos de quatro tipos. Qual veio primeiro?',
    order:
      'Duas letras, cada uma X ou Y, estão escondidas entre outros símbolos. Em que ordem vieram: XX, XY, YX ou YY?',
    adding: 'Dois de muitos números aleatórios estão marcados. Quanto é a soma deles?',
  },
  delay: 'Atraso',
  delayOf: (steps) => `${steps} passos de tempo`,
  start: 'Começar',
  pause: 'Pausar',
  resume: 'Continuar',
  again: 'Recomeçar',
  rerun: 'Rodar de novo',
  otherSeed: 'Novos pesos',
  racers: { RNN: 'RNN', GRU: 'GRU', LSTM: 'LSTM' },
  racerNotes: {
    RNN: 'Reescreve todo o seu estado a cada passo (Elman 1990).',
    GRU: 'Duas portas decidem quanto do estado é mantido (Cho et al. 2014).',
    LSTM: 'Três portas escrevem numa célula de memória, a mantêm e a leem (Hochreiter & Schmidhuber 1997).',
  },
  picture: {
    wave: (learned) =>
      `Em cinza: três ondas do conjunto de teste. Colorido: o desenho da rede. Um palpite tem um erro de 100%; aprendido: no máximo ${learned}.`,
    classes: (learned) =>
      `Cada ponto é uma sequência de teste: quanto mais alto, mais provável é a resposta certa para a rede. Ponto cheio: resposta certa. Linha tracejada: um palpite. Aprendido: pelo menos ${learned} de acertos.`,
    adding: (learned) =>
      `Cada ponto é uma sequência de teste: a soma certa da esquerda para a direita, a resposta de baixo para cima. Na diagonal ela está certa. Linha tracejada: um palpite, cujo erro é de 100%; aprendido: no máximo ${learned}.`,
  },
  guess: 'palpite',
  pictureOf: (racer, score) => `Respostas da ${racer} ao conjunto de teste: ${score}`,
  right: (share) => `${share} de acertos`,
  error: (share) => `erro ${share}`,
  step: (step) => `Passo de treino ${step}`,
  waiting: 'Aguardando a GPU …',
  ready: 'Tudo pronto para começar.',
  racing: 'Nenhuma das três aprendeu a tarefa ainda.',
  learned: (racer, step) => `A ${racer} aprendeu depois de ${step} passos de treino.`,
  guessing: (racer) => `A ${racer} ainda não é melhor que um palpite.`,
  learning: (racer) => `A ${racer} ainda está aprendendo.`,
  breaks: (delay) =>
    `Com um atraso de ${delay} passos de tempo, a RNN simples falha: termina no nível de um palpite, porque o gradiente desaparece antes de chegar ao começo.`,
  longer: (delay) => `As três se lembram até aqui. Tente um atraso maior, como ${delay}.`,
  short: (racer) => `A ${racer} não aprendeu.`,
  over: (step) => `A corrida terminou depois de ${step} passos de treino.`,
  lossTitle: 'Perda',
  lossChart: (steps) => `Gráfico da perda das três redes ao longo de ${steps} passos de treino`,
  trainingStep: 'Passo de treino',
  timeStep: 'Passo de tempo',
  gradientTitle: 'Gradiente por passo de tempo',
  gradientNote:
    'Quanto do gradiente no último passo de tempo chega ao estado de cada passo anterior, h e a célula c da LSTM, na sequência de teste abaixo. Onde ele é minúsculo, a rede não consegue aprender com o que leu ali.',
  gradientChart: (left) =>
    `Gráfico do gradiente por passo de tempo, relativo ao último, em escala logarítmica. No primeiro passo: ${left}`,
  reasonTitle: 'Por que a RNN simples esquece',
  reasons: [
    'Uma RNN simples lê um passo depois do outro: h[t] = tanh(W x[t] + U h[t−1] + b), com os pesos W, U e b. Só o erro no fim pode ensinar o que ela deve guardar do começo.',
    'No caminho de volta, esse erro é multiplicado por U e pela inclinação da tanh a cada passo. Num atraso longo ele costuma encolher até quase nada, o chamado desaparecimento do gradiente (Bengio et al. 1994), e às vezes explode. Então a perda fica parada no nível de um palpite.',
    'Uma LSTM tem também uma célula: c[t] = f · c[t−1] + i · g. Onde a porta de esquecimento f está perto de 1, o erro volta pela célula sem mudar enquanto a porta ficar aberta. Uma GRU faz o mesmo com uma porta a menos.',
  ],
  gates:
    'As portas e os estados reais de uma sequência de teste, conforme o treino avança: unidades de cima para baixo, tempo da esquerda para a direita. As portas de esquecimento da LSTM e as de atualização da GRU começam abertas (Jozefowicz et al. 2015), o que deixa passar os primeiros gradientes.',
  filmTitle: 'Por dentro da rede enquanto ela aprende',
  film: 'Reveja o treino',
  live: 'Mais recente',
  filmAt: (step, newest) => `Passo ${step} de ${newest}`,
  inputAt: (step, _name, x) => `Passo de tempo ${step}: entrada ${x}.`,
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
  [
    'Gers, Schmidhuber & Cummins 2000',
    'Learning to forget: continual prediction with LSTM',
    'https://doi.org/10.1162/089976600300015015',
  ],
  ['Cho et al. 2014', 'Learning phrase representations using RNN encoder-decoder', 'https://arxiv.org/abs/1406.1078'],
  [
    'Jozefowicz, Zaremba & Sutskever 2015',
    'An empirical exploration of recurrent network architectures',
    'https://proceedings.mlr.press/v37/jozefowicz15.html',
  ],
  ['Olah 2015', 'Understanding LSTM networks', 'https://colah.github.io/posts/2015-08-Understanding-LSTMs/'],
] as const;
