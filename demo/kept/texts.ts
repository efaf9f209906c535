/** What the line about a kept training says. */
export const keptEn = {
  unfinished: (name: string, epoch: string) => `Go on with the training of “${name}” from epoch ${epoch}?`,
  finished: (name: string) => `The model of “${name}” is kept from your last visit.`,
  goOn: 'Go on',
  show: 'Show it',
  forget: 'Forget it',
  shown: 'The kept model, as it was trained.',
  notKept: (reason: string) =>
    `This training will not survive a reload: ${reason} It goes on; take the model when it is done.`,
};

export type KeptTexts = typeof keptEn;

export const keptPt: KeptTexts = {
  unfinished: (name, epoch) => `Continuar o treino de “${name}” a partir da época ${epoch}?`,
  finished: (name) => `O modelo de “${name}” está guardado desde a sua última visita.`,
  goOn: 'Continuar',
  show: 'Mostrar',
  forget: 'Esquecer',
  shown: 'O modelo guardado, como foi treinado.',
  notKept: (reason) =>
    `Este treino se perde se a página for recarregada: ${reason} Ele continua; leve o modelo quando terminar.`,
};
