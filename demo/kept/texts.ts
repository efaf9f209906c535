/** The texts of the line about a kept training. */
export const keptEn = {
  unfinished: (name: string, epoch: string) => `Resume training “${name}” from epoch ${epoch}?`,
  finished: (name: string) => `The model of “${name}” was saved on your last visit.`,
  goOn: 'Resume',
  show: 'Show',
  forget: 'Discard',
  shown: 'The saved model, as it was trained.',
  notKept: (reason: string) =>
    `This training will not survive a reload: ${reason} It continues; download the model when it is done.`,
};

export type KeptTexts = typeof keptEn;

export const keptPt: KeptTexts = {
  unfinished: (name, epoch) => `Retomar o treino de “${name}” a partir da época ${epoch}?`,
  finished: (name) => `O modelo de “${name}” foi salvo na sua última visita.`,
  goOn: 'Retomar',
  show: 'Mostrar',
  forget: 'Descartar',
  shown: 'O modelo salvo, como foi treinado.',
  notKept: (reason) =>
    `Este treino se perde se a página for recarregada: ${reason} Ele continua; baixe o modelo quando terminar.`,
};
