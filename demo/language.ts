// The page's language: what ?lang= asks for, else the browser's. uPlot formats numbers by navigator.language, which it reads
// when it is loaded; and Chrome under LANG=C calls its language `en-US@posix`, which Intl refuses: nothing of the page
// would run. A script of its own in index.html, so that texts are loaded while the page's script is.
const wanted = new URLSearchParams(location.search).get('lang') ?? navigator.language;

/** 'en' or 'pt-BR'. */
export const language = wanted.startsWith('pt') ? 'pt-BR' : 'en';
document.documentElement.lang = language;
Object.defineProperty(navigator, 'language', { value: language });

/** All texts in it; those of the other one are not loaded. */
export const loadedTexts = language === 'en' ? import('./texts/english.ts') : import('./texts/portuguese.ts');
