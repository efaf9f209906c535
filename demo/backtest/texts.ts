/** The texts of the backtest of a training. */
export const backtestEn = {
  title: 'Backtest',
  note: 'Trains again from several origins before the end, with the settings of this training, and scores each on the rows after it.',
  run: 'Run backtest',
  stages: { start: 'Preparing the backtest …', steps: 'Training again …', end: 'Scoring …' },
  done: (seconds: string) => `Backtest done in ${seconds}.`,
  stopped: 'The backtest was stopped.',
  failed: 'The backtest failed; see the message.',
  rows: 'Test rows',
  span: (first: string, last: string) => `${first} to ${last}`,
  all: 'All',
  caption: (ahead: number, steps: string) =>
    `Mean absolute error, ${ahead === 1 ? 'one step ahead' : `over 1 to ${steps} steps ahead`}.`,
};

export type BacktestTexts = typeof backtestEn;

export const backtestPt: BacktestTexts = {
  title: 'Teste retroativo',
  note:
    'Treina de novo a partir de várias origens antes do fim, com as configurações deste treino, e avalia cada modelo nas linhas ' +
    'seguintes.',
  run: 'Iniciar teste retroativo',
  stages: { start: 'Preparando o teste retroativo …', steps: 'Treinando de novo …', end: 'Avaliando …' },
  done: (seconds) => `Teste retroativo feito em ${seconds}.`,
  stopped: 'O teste retroativo foi interrompido.',
  failed: 'O teste retroativo falhou; veja a mensagem.',
  rows: 'Linhas de teste',
  span: (first, last) => `${first} a ${last}`,
  all: 'Todas',
  caption: (ahead, steps) =>
    `Erro absoluto médio, ${ahead === 1 ? 'um passo à frente' : `de 1 a ${steps} passos à frente`}.`,
};
