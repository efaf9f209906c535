/** The words around a series that is drawn by hand. */
export const drawEn = {
  open: 'Draw a series',
  title: 'Draw a series',
  intro:
    'Draw from left to right with the mouse, a finger or a pen. By keyboard: left and right move a cursor, up and down raise and ' +
    'lower the point at it; with Shift, ten times as far.',
  canvas: 'Drawing area: time from left to right, values from 0 to 100',
  hint: 'Draw over at least a third of the width.',
  length: (values: string) => `${values} values`,
  /** @param value or that there is nothing. */
  cursor: (column: string, columns: string, value: string) => `Point ${column} of ${columns}: ${value}`,
  nothing: 'nothing drawn',
  use: 'Use this series',
  undo: 'Undo',
  clear: 'Clear',
  cancel: 'Cancel',
  name: 'drawn series',
};

export type DrawTexts = typeof drawEn;

export const drawPt: DrawTexts = {
  open: 'Desenhar uma série',
  title: 'Desenhar uma série',
  intro:
    'Desenhe da esquerda para a direita com o mouse, o dedo ou a caneta. Pelo teclado: as setas para os lados movem um cursor, ' +
    'e as setas para cima e para baixo movem o ponto nele; com Shift, dez vezes mais.',
  canvas: 'Área de desenho: tempo da esquerda para a direita, valores de 0 a 100',
  hint: 'Desenhe sobre pelo menos um terço da largura.',
  length: (values) => `${values} valores`,
  cursor: (column, columns, value) => `Ponto ${column} de ${columns}: ${value}`,
  nothing: 'nada desenhado',
  use: 'Usar esta série',
  undo: 'Desfazer',
  clear: 'Limpar',
  cancel: 'Cancelar',
  name: 'série desenhada',
};
