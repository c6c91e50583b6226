/** How many live sessions a user may have at once, counted over all gateways. */
export interface SessionSlots {
  /**
   * Takes a place for a recording; one that comes back takes the place it had.
   * @param most live sessions of this user at once
   * @returns gives the place back
   * @throws SpeakrError `too_many_requests`
   */
  take(owner: string, recordingId: string, most: number): Promise<() => void>;
}
