// The usual theme in the reader's own fonts: nothing to wait for, and nothing that moves when it comes.
export { default } from 'vitepress/theme-without-fonts';
