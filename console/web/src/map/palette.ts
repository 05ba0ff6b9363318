// Colours of what is drawn on canvas; the same values as tokens.css, which canvas cannot read cheaply.

export const GROUND = '#0e1317';
export const LABEL = '#94a3ae';
export const LABEL_STRONG = '#dde4e9';
export const HALO = '#0e1317';
export const ROLE_COLOUR = { volunteer: '#a9b8c2', guard: '#7fa6c4', police: '#5aa9f0' } as const;
export const LEVEL_COLOUR = ['#94a3ae', '#e23b3b', '#f08c2e', '#e6c445', '#94a3ae'] as const;
/** An exercise: never the colour of a level. */
export const DRILL_COLOUR = '#b9a6f2';
export const DRILL_GROUND = '#2c2644';
export const FONT = '"Noto Sans SC","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif';
